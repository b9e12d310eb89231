import { isDeepStrictEqual } from 'node:util';
import type { SystemDescription } from '@motley/run/folders';

/** Value at a dotted path. */
export function valueAt(record: unknown, path: string): unknown {
  let node = record;
  for (const key of path.split('.')) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Readonly<Record<string, unknown>>)[key];
  }
  return node;
}

/** Preset of a run, and the fields that differ from it. */
export interface Difference {
  readonly preset: string | null;
  readonly differs: Readonly<Record<string, unknown>>;
}

/**
 * Fields that differ from the preset of a run. Where its start is not recorded, from the preset that is nearest, or from
 * the defaults where none is nearer.
 */
export function differenceOf(
  config: unknown,
  system: SystemDescription | undefined,
  known: { readonly hasStart: boolean; readonly preset: string | null },
): Difference {
  if (system === undefined || config === null) return { preset: known.preset, differs: {} };
  const to = (preset: string | null): Difference => {
    const differs: Record<string, unknown> = {};
    for (const field of system.fields) {
      const { presets = {} } = field;
      const value = valueAt(config, field.path);
      const expected = preset !== null && Object.hasOwn(presets, preset) ? presets[preset] : field.default;
      if (value !== undefined && !isDeepStrictEqual(value, expected)) differs[field.path] = value;
    }
    return { preset, differs };
  };
  if (known.hasStart) return to(known.preset);
  const size = ({ differs }: Difference): number => Object.keys(differs).length;
  return Object.keys(system.presets)
    .map(to)
    .reduce((nearest, each) => (size(each) < size(nearest) ? each : nearest), to(null));
}
