import { signal } from '@preact/signals';

/** One line at the foot of the page, read out by a screen reader. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'bad';
}

export const notices = signal<readonly Notice[]>([]);

const SHOWN_IN_MS = 6000;
let count = 0;

/** Says something for some seconds; the same line is not said twice at once. */
export function say(text: string, tone: Notice['tone'] = 'good'): void {
  if (notices.value.some((notice) => notice.text === text)) return;
  const notice = { id: ++count, text, tone };
  notices.value = [...notices.value.slice(-3), notice];
  setTimeout(() => {
    dismiss(notice.id);
  }, SHOWN_IN_MS);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}
