// What a voter's link carries behind the #, which browsers send to nobody:
// `#e=<election id>&c=<code>`, with a `c` for each issuer; or the code alone.

export interface Link {
  readonly election: string | undefined;
  readonly codes: readonly string[];
}

export function readLink(fragment: string): Link {
  const text = fragment.replace(/^#/, '');
  if (text === '') return { election: undefined, codes: [] };
  if (!text.includes('=')) {
    try {
      return { election: undefined, codes: [decodeURIComponent(text)] };
    } catch {
      return { election: undefined, codes: [] };
    }
  }
  const members = new URLSearchParams(text);
  return {
    election: members.get('e')?.toLowerCase() ?? undefined,
    codes: members.getAll('c').filter((code) => code !== ''),
  };
}
