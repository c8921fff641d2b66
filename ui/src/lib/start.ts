// Every page starts here: styles, language, then the component.

import '../styles/tokens.css';
import '../styles/app.css';
import '../styles/pages.css';

import { mount, type Component } from 'svelte';

import { chooseLanguage } from './language.svelte';

export function start(page: Component): void {
  const target = document.getElementById('app');
  if (target === null) return;
  // The words come first, so that nobody sees a page change its language.
  void chooseLanguage().then(() => mount(page, { target }));
}
