// The icons, as paths on a 24 by 24 field.

export const ICONS = {
  globe: '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 3.5 6 3.5 9S15 18 12 21c-3-3-3.5-6-3.500-9S9 6 12 3Z"/>',
  clock: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.500 2"/>',
  list: '<path d="M9 6h11M9 12h11M9 18h11M4.500 6v.1M4.500 12v.1M4.500 18v.1"/>',
  again: '<path d="M19 12a7 7 0 1 1-2.200-5.100M19.500 3.500V8H15"/>',
  key: '<circle cx="8" cy="15" r="4"/><path d="m11 12 8.500-8.500M16 7l3 3"/>',
  right: '<path d="m9.500 6 6 6-6 6"/>',
  left: '<path d="m14.500 6-6 6 6 6"/>',
  hidden:
    '<path d="M4 4l16 16M9.500 5.800c.8-.2 1.600-.3 2.500-.3 6 0 9.500 6.500 9.500 6.500a17 17 0 0 1-2.600 3.300M6 7.500C3.700 9.200 2.500 12 2.500 12S6 18.500 12 18.500c1.500 0 2.900-.4 4-1M10.300 10.300a2.500 2.500 0 0 0 3.400 3.400"/>',
  eye: '<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12Z"/><circle cx="12" cy="12" r="2.800"/>',
  yes: '<path d="m5 12.500 4.500 4.500L19 7.500"/>',
  no: '<path d="m6 6 12 12M18 6 6 18"/>',
  device: '<rect x="7" y="3" width="10" height="18" rx="2.500"/><path d="M11 18h2"/>',
  lock: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
  unlock: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 7.500-2"/>',
  board: '<rect x="4" y="4" width="16" height="16" rx="2"/><path d="M8 9h8M8 12.500h8M8 16h5"/>',
  search: '<circle cx="10.500" cy="10.500" r="6"/><path d="m15 15 5 5"/>',
  copy: '<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3"/>',
  save: '<path d="M12 4v11M7 10.500l5 5 5-5M5 20h14"/>',
  print:
    '<path d="M7 9V4h10v5M7 17H4v-6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v6h-3"/><path d="M7 14h10v6H7z"/>',
  camera: '<path d="M4 8h3.500L9 5.500h6L16.500 8H20v11H4z"/><circle cx="12" cy="13" r="3.500"/>',
  file: '<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>',
  warning: '<path d="M12 4 2.800 19.500h18.400z"/><path d="M12 10v4.500M12 17v.1"/>',
  info: '<circle cx="12" cy="12" r="9"/><path d="M12 11v5M12 7.800v.1"/>',
  dots: '<path d="M6 12v.1M12 12v.1M18 12v.1"/>',
  offline:
    '<path d="M3 3l18 18M5 12.500a10 10 0 0 1 4-2.400M2 8.800a15 15 0 0 1 4-2.500M12 6c3.800 0 7.300 1.100 10 2.800M15 10.600a10 10 0 0 1 4 1.900M8.500 16a5 5 0 0 1 5-1M12 19.500v.1"/>',
  question:
    '<circle cx="12" cy="12" r="9"/><path d="M9.500 9.500a2.600 2.600 0 1 1 3.600 2.400c-.8.4-1.100.9-1.100 1.800M12 16.600v.1"/>',
  minus: '<path d="M5 12h14"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
} as const;

export type IconName = keyof typeof ICONS;
