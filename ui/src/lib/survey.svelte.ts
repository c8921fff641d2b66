// The part of the pages that only surveys need. It is fetched with its words when a manifest turns
// out to have one of their questions or rules, so that other voters wait for none of it.

import { alsoWordsOf } from './language.svelte';
import { isSurvey, type Manifest } from './manifest';

type Room = typeof import('../survey/room');

let room = $state.raw<Room>();

/** The components of surveys, once they are there. */
export const survey = (): Room | undefined => room;

/** Fetches them if this manifest takes them. */
export async function furnish(manifest: Manifest): Promise<void> {
  if (room !== undefined || !isSurvey(manifest)) return;
  const [loaded] = await Promise.all([import('../survey/room'), alsoWordsOf('survey')]);
  room = loaded;
}
