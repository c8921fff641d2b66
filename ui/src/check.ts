import { start } from './lib/start';
import Page from './check/Check.svelte';

start(Page);
