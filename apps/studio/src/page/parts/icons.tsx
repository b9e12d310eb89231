const PATHS = {
  star: 'M8 1.8l1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6z',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4L14 14',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  download: 'M8 2v8M4.8 7L8 10.2 11.2 7M3 13.5h10',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9',
  away: 'M2.5 3h11v3h-11zM3.5 6v7.5h9V6M6.5 9h3',
  chevron: 'M6 3.5L10.5 8 6 12.5',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8L13 13M3 13l1.2-1.2M11.8 4.2L13 3',
  moon: 'M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  note: 'M3 2.5h10v8l-3 3H3zM5.5 6h5M5.5 8.5h3',
  warning: 'M8 2.2l6.3 11.3H1.7zM8 6.5v3.2M8 11.4v.6',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture that says nothing by itself: the control around it has the name. */
export function Icon({ name, isFilled = false }: { readonly name: IconName; readonly isFilled?: boolean }) {
  return (
    <svg class={isFilled ? 'glyph filled' : 'glyph'} width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the studio: lozenges, as on a motley coat. */
export function Mark() {
  return (
    <svg class="mark" width="22" height="26" viewBox="0 0 22 26" aria-hidden="true">
      <path class="mark-a" d="M5.5 0L11 6.5 5.5 13 0 6.5z" />
      <path class="mark-b" d="M16.5 0L22 6.5 16.5 13 11 6.5z" />
      <path class="mark-c" d="M5.5 13L11 19.5 5.5 26 0 19.5z" />
      <path class="mark-d" d="M16.5 13L22 19.5 16.5 26 11 19.5z" />
    </svg>
  );
}
