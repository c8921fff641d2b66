// On moving to a page, the title says where one is and the focus goes to the heading, so that a
// screen reader reads it and the keyboard goes on from there.

import { tick } from 'svelte';

export async function arrive(title: string, organiser: string | undefined): Promise<void> {
  document.title = organiser === undefined ? title : `${title} – ${organiser}`;
  await tick();
  scrollTo({ top: 0 });
  const heading = document.querySelector<HTMLElement>('main h1');
  if (heading === null) return;
  if (!heading.hasAttribute('tabindex')) heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
