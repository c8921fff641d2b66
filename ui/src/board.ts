import { start } from './lib/start';
import Page from './board/BoardPage.svelte';

start(Page);
