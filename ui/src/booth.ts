import { start } from './lib/start';
import Page from './booth/Booth.svelte';

start(Page);
