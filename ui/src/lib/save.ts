// Files that people keep.

export function save(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A record as one archive, byte for byte as docs/spec/board.md describes it. */
export function archive(record: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
  const parts: Uint8Array[] = [];
  const paths = [...record.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (const path of paths) {
    const content = record.get(path) ?? new Uint8Array();
    const header = new Uint8Array(512);
    header.set(ascii(path), 0);
    header.set(ascii('0000644\0'), 100);
    header.set(ascii('0000000\0'), 108);
    header.set(ascii('0000000\0'), 116);
    header.set(ascii(`${content.length.toString(8).padStart(11, '0')}\0`), 124);
    header.set(ascii('00000000000\0'), 136);
    header.set(ascii('        '), 148);
    header.set(ascii('0'), 156);
    // "ustar", NUL and version 00.
    header.set(ascii('ustar\x0000'), 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(ascii(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    parts.push(header, content, new Uint8Array((512 - (content.length % 512)) % 512));
  }
  parts.push(new Uint8Array(1024));
  return parts;
}
