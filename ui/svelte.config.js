// A table that is shown as cards on phones loses its meaning for screen readers, because `display`
// changes; its roles say again what it is.
const NEEDED = new Set(['a11y_no_redundant_roles']);

/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {
  compilerOptions: { runes: true, warningFilter: (warning) => !NEEDED.has(warning.code) },
};
