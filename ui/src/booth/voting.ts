// What a voter meets after the welcome page, in one file that is fetched when voting starts: so
// much less comes before it.

import '../styles/voting.css';

export { default as ChallengePages } from './ChallengePages.svelte';
export { default as Question } from './Question.svelte';
export { default as ReceiptPage } from './ReceiptPage.svelte';
export { default as Review } from './Review.svelte';
export { default as SealedPage } from './SealedPage.svelte';
export { awaitWitnesses } from './witnesses';
