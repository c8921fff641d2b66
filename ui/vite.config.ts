import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // Nothing may be written into the pages: the policy allows neither inline scripts nor data:.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        index: 'index.html',
        vote: 'vote.html',
        check: 'check.html',
        board: 'board.html',
      },
    },
  },
  worker: { format: 'es' },
});
