/** Emoji sets of npm's `@iconify-json`, by the names of their packages. */
export const EMOJI_STYLES = Object.freeze([
  'noto',
  'noto-v1',
  'twemoji',
  'openmoji',
  'emojione',
  'fluent-emoji',
  'fluent-emoji-flat',
] as const);

export type EmojiStyle = (typeof EMOJI_STYLES)[number];
