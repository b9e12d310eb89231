import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { drawSvg } from '../pictures/decode.ts';
import type { Picture } from '../pictures/resample.ts';
import { EMOJI_STYLES, type EmojiStyle } from './styles.ts';

/** A set of drawings as iconify stores it. */
interface IconSet {
  readonly icons: Readonly<Record<string, Icon>>;
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>;
  readonly width?: number;
  readonly height?: number;
}

interface Icon {
  /** Elements of an SVG. */
  readonly body: string;
  readonly width?: number;
  readonly height?: number;
}

const resolver = createRequire(import.meta.url);
/** The set whose list of foods is taken. */
const LISTING: EmojiStyle = 'noto';
const CATEGORY = 'Food & Drink';
/** Pixels along each side of a drawing, above all networks' inputs. */
const SIZE = 320;

async function readPackage(style: EmojiStyle, file: string): Promise<unknown> {
  return JSON.parse(await readFile(resolver.resolve(`@iconify-json/${style}/${file}`), 'utf8')) as unknown;
}

/** A drawing of a set, under its own name or another set's. */
function iconOf({ icons, aliases = {} }: IconSet, name: string): Icon | undefined {
  return icons[name] ?? icons[aliases[name]?.parent ?? ''];
}

/** Drawings of one food. */
interface Emoji {
  readonly food: string;
  readonly style: EmojiStyle;
  /** Draws it on white. */
  readonly draw: () => Promise<Picture>;
}

/** The foods that all seven sets have, each in every style, sorted by food. */
export async function loadEmoji(): Promise<{ readonly foods: readonly string[]; readonly emoji: readonly Emoji[] }> {
  const metadata = (await readPackage(LISTING, 'metadata.json')) as { categories: Record<string, string[]> };
  const sets = new Map<EmojiStyle, IconSet>();
  for (const style of EMOJI_STYLES) sets.set(style, (await readPackage(style, 'icons.json')) as IconSet);
  const names = metadata.categories[CATEGORY]!.filter((name) => {
    return [...sets.values()].every((set) => iconOf(set, name) !== undefined);
  }).sort();
  const emoji = names.flatMap((name) =>
    [...sets].map(([style, set]) => {
      const { body, width = set.width ?? 16, height = set.height ?? 16 } = iconOf(set, name)!;
      const opening = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"`;
      const svg = `${opening} viewBox="0 0 ${width} ${height}" width="${SIZE}" height="${SIZE}">${body}</svg>`;
      return { food: spaced(name), style, draw: () => drawSvg(svg, `${style}: ${name}`) };
    }),
  );
  return { foods: names.map(spaced), emoji };
}

function spaced(name: string): string {
  return name.replaceAll('-', ' ');
}
