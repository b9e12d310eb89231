const BAR_WIDTH = 24;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar as long as the share, in eighths of a character. */
export function bar(share: number): string {
  const eighths = Math.round(share * BAR_WIDTH * 8);
  return ('█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!).padEnd(BAR_WIDTH);
}
