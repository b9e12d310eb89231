import type { ConfigDefinition } from '../../config/config.ts';
import { UserError, shown } from '../../config/errors.ts';
import type { Field } from '../../config/fields.ts';
import { suggestion } from '../../config/nearest.ts';
import { RandomNumbers } from '../../random/random-numbers.ts';

/** Point of the search: text of each searched field, as `--set` takes it. */
export type Point = Readonly<Record<string, string>>;

/** Fields to search, and how. */
export interface SearchSpace {
  /** `key.path=value,value,…`: every combination. */
  readonly grid: readonly string[];
  /** `key.path=low..high`, `key.path=log:low..high` or `key.path=value,value,…`: drawn for each run. */
  readonly random: readonly string[];
  /** Number of runs, where anything is drawn. Default 10. */
  readonly runs: number | undefined;
  /** Seed of the random draws. */
  readonly seed: number;
}

interface Choice {
  readonly path: string;
  readonly values: readonly string[];
}

interface Range {
  readonly path: string;
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
  readonly isInteger: boolean;
}

const DEFAULT_RUNS = 10;
const MAX_RUNS = 10_000;
const SIGNIFICANT_DIGITS = 6;
const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const RANGE = new RegExp(`^(log:)?(${NUMBER})\\.\\.(${NUMBER})$`, 'i');

/**
 * Points of a search, without repetitions: the whole grid, or `runs` points that take the grid's points in turn and
 * draw the other fields. The draws of a run depend on the seed and the number of the run alone.
 * @throws UserError naming the flag, what was expected and what came
 */
export function listPoints(config: ConfigDefinition, space: SearchSpace): Point[] {
  const grid = space.grid.map((text) => parseChoice(config, '--grid', text));
  const drawn = space.random.map((text) => parseDrawn(config, text));
  const paths = [...grid, ...drawn].map(({ path }) => path);
  if (paths.length === 0) throw new UserError('sweep: expected --grid or --random with a field to search, got neither');
  const twice = paths.find((path, index) => paths.indexOf(path) < index);
  if (twice !== undefined) throw new UserError(`sweep: ${shown(twice)} is searched twice; expected each field once`);

  const combinations = combine(grid);
  if (drawn.length === 0) {
    if (space.runs !== undefined) {
      throw new UserError(`--runs: expected only with --random; the grid has ${combinations.length} points`);
    }
    return bounded(combinations);
  }
  const stream = RandomNumbers.fromSeed(space.seed);
  const points = new Map<string, Point>();
  const runs = space.runs ?? Math.max(DEFAULT_RUNS, combinations.length);
  for (let run = 0; run < bounded({ length: runs }).length; run++) {
    const values = drawn.map((each) => [each.path, draw(each, stream.fork(run).fork(each.path))] as const);
    const point = { ...combinations[run % combinations.length], ...Object.fromEntries(values) };
    // Repeated points would add nothing.
    points.set(JSON.stringify(point), point);
  }
  return [...points.values()];
}

function bounded<T extends { readonly length: number }>(runs: T): T {
  if (runs.length > MAX_RUNS) throw new UserError(`sweep: expected at most ${MAX_RUNS} runs, got ${runs.length}`);
  return runs;
}

/** Every combination, the last field varying fastest. */
function combine(choices: readonly Choice[]): Point[] {
  return choices.reduce<Point[]>(
    (points, { path, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

function draw(from: Choice | Range, stream: RandomNumbers): string {
  // 53 random bits, the precision of a double.
  const [first, second] = stream.words(2);
  const unit = ((first! >>> 5) * 2 ** 26 + (second! >>> 6)) / 2 ** 53;
  if ('values' in from) return from.values[Math.floor(unit * from.values.length)]!;
  const { low, high, isLog, isInteger } = from;
  // A range of integers includes both ends.
  const [bottom, top] = isInteger ? [low - 0.5, high + 0.5] : [low, high];
  const value = isLog ? low * (high / low) ** unit : bottom + (top - bottom) * unit;
  if (isInteger) return String(Math.min(Math.max(Math.round(value), low), high));
  return String(Math.min(Math.max(Number(value.toPrecision(SIGNIFICANT_DIGITS)), low), high));
}

function parseDrawn(config: ConfigDefinition, text: string): Choice | Range {
  const { field, values } = split(config, '--random', text);
  const range = RANGE.exec(values);
  if (range === null) return parseChoice(config, '--random', text);
  const [low, high] = [Number(range[2]), Number(range[3])];
  const isLog = range[1] !== undefined;
  const kind = numberKind(field);
  if (kind === undefined) {
    throw new UserError(`--random: ${field.path} expected ${field.expected}, as value,value,…, got ${shown(values)}`);
  }
  if (!(low < high) || (isLog && low <= 0)) {
    throw new UserError(
      `--random: ${field.path} expected low..high with ${isLog ? '0 < low < high' : 'low < high'}, got ${shown(values)}`,
    );
  }
  return { path: field.path, low, high, isLog, isInteger: kind === 'integer' };
}

function parseChoice(config: ConfigDefinition, flag: string, text: string): Choice {
  const { field, values } = split(config, flag, text);
  const list = splitAtCommas(values);
  if (list.includes('')) throw new UserError(`${flag}: ${field.path} expected value,value,…, got ${shown(values)}`);
  return { path: field.path, values: [...new Set(list)] };
}

function split(
  config: ConfigDefinition,
  flag: string,
  text: string,
): { readonly field: Field; readonly values: string } {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UserError(`${flag}: expected key.path=values, got ${shown(text)}`);
  const path = text.slice(0, equals).trim();
  const field = config.fields.find((each) => each.path === path);
  if (field === undefined) {
    const known = config.fields.map((each) => each.path);
    throw new UserError(`${flag}: unknown key ${shown(path)}${suggestion(path, known)}`);
  }
  return { field, values: text.slice(equals + 1).trim() };
}

/** Splits at commas outside of brackets: `[32,64],[64,128]` are two lists. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if (character === '[' || character === '{') depth++;
    if (character === ']' || character === '}') depth--;
    if (character === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else {
      part += character;
    }
  }
  return [...parts, part.trim()];
}

/** Kind of numbers that a field takes, including nullable fields. Undefined for other types. */
export function numberKind({ type }: Field): 'integer' | 'number' | undefined {
  const kinds = [type, ...(type.anyOf ?? [])].map((each) => each.type);
  return kinds.find((kind) => kind === 'integer' || kind === 'number');
}
