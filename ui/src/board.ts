import { withBoard } from './lib/language.svelte';
import { start } from './lib/start';
import Page from './board/BoardPage.svelte';

withBoard();
start(Page);
