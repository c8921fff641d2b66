import wasm from '../wasm/booth_bg.wasm?url';
import { start } from './lib/start';
import Page from './booth/Booth.svelte';

// The head of the page has asked for the wasm already (scripts/finish.mjs). Reading it here puts it
// into the browser's cache while the page is still being built; the worker, whose file says it
// needs it, comes later and finds it there. Should it fail, the worker will say so.
void fetch(wasm).then((answer) => answer.arrayBuffer(), () => undefined);

start(Page);
