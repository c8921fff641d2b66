// What only surveys need, in one file that is fetched when a manifest has one of their questions.

import './survey.css';

export { default as Matrix } from './Matrix.svelte';
export { default as NumberQuestion } from './NumberQuestion.svelte';
export { default as Opened } from './Opened.svelte';
export { default as Register } from './Register.svelte';
export { default as Scale } from './Scale.svelte';
export { default as Shown } from './Shown.svelte';
export { faultInWords } from './words';
