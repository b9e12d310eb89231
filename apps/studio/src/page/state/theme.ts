import { signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'motley-theme';

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === value) ?? 'system';
  } catch {
    return 'system';
  }
}

/** Theme that was chosen in this browser. */
export const theme = signal<Theme>('system');
/** Counts up where the colors changed: canvases draw anew. */
export const colorVersion = signal(0);

function apply(): void {
  const isDark =
    theme.value === 'dark' || (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  colorVersion.value++;
}

/** Follows the choice and the system's. */
export function startTheme(): void {
  theme.value = stored();
  apply();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
}

export function setTheme(next: Theme): void {
  theme.value = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing shows it until the page is closed.
  }
  apply();
}
