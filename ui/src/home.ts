import { start } from './lib/start';
import Page from './home/Home.svelte';

start(Page);
