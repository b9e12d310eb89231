import type { RandomNumbers } from '@motley/run';
import type { AllPairs } from './pairs.ts';

/** 2.5 % and 97.5 % of the resamples. */
export type Interval = readonly [low: number, high: number];

/** Levels that scores are rounded to: an interval needs no more. */
const LEVELS = 4096;
const TAIL = 0.025;

/**
 * 95 % intervals of equal error rate and area under the curve by drawing people with replacement: pairs that share a
 * person are not independent, so pairs must not be drawn. A pair counts as often as its people were drawn, times each
 * other.
 */
export function bootstrapPeople(
  pairs: AllPairs,
  resamples: number,
  random: RandomNumbers,
): { readonly equalErrorRate: Interval; readonly areaUnderCurve: Interval } | undefined {
  const { same, samePeople, different, differentPeople } = pairs;
  const people = [...new Set([...samePeople, ...differentPeople])].sort((a, b) => a - b);
  if (resamples === 0 || people.length < 2) return undefined;
  const places = new Map(people.map((person, place) => [person, place]));
  const placed = (each: Int32Array) => Int32Array.from(each, (person) => places.get(person)!);
  const [ofSame, ofDifferent] = [placed(samePeople), placed(differentPeople)];
  const [low, high] = rangeOf(same, different);
  const level = (score: number) => Math.min(LEVELS - 1, Math.floor(((score - low) / (high - low || 1)) * LEVELS));
  const [sameLevels, differentLevels] = [same, different].map((scores) => Uint16Array.from(scores, level)) as [
    Uint16Array,
    Uint16Array,
  ];
  const rates: number[] = [];
  const areas: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const counts = new Float64Array(people.length);
    for (const drawn of random.integers(people.length, 0, people.length)) counts[drawn]!++;
    const [hits, alarms] = [new Float64Array(LEVELS), new Float64Array(LEVELS)];
    for (let pair = 0; pair < sameLevels.length; pair++) hits[sameLevels[pair]!]! += counts[ofSame[pair]!]!;
    for (let pair = 0; pair < differentLevels.length; pair++)
      alarms[differentLevels[pair]!]! += counts[ofDifferent[2 * pair]!]! * counts[ofDifferent[2 * pair + 1]!]!;
    const found = measure(hits, alarms);
    if (found === undefined) continue;
    rates.push(found.rate);
    areas.push(found.area);
  }
  if (rates.length === 0) return undefined;
  return { equalErrorRate: middle(rates), areaUnderCurve: middle(areas) };
}

/** Equal error rate and area from counts by level; undefined where a draw has no pairs of one kind. */
function measure(
  hits: Float64Array,
  alarms: Float64Array,
): { readonly rate: number; readonly area: number } | undefined {
  const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);
  const [allHits, allAlarms] = [sum(hits), sum(alarms)];
  if (allHits === 0 || allAlarms === 0) return undefined;
  let [trueAccepts, falseAccepts, area] = [0, 0, 0];
  let rate: number | undefined;
  for (let at = LEVELS - 1; at >= 0; at--) {
    const [moreTrue, moreFalse] = [hits[at]! / allHits, alarms[at]! / allAlarms];
    area += moreFalse * (trueAccepts + moreTrue / 2);
    const before = falseAccepts - (1 - trueAccepts);
    const after = before + moreFalse + moreTrue;
    if (rate === undefined && after >= 0 && after > before)
      rate = falseAccepts + (-before / (after - before)) * moreFalse;
    trueAccepts += moreTrue;
    falseAccepts += moreFalse;
  }
  return { rate: rate ?? falseAccepts, area };
}

function rangeOf(...arrays: readonly Float32Array[]): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const values of arrays)
    for (const value of values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return [low, high];
}

function middle(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return [at(TAIL), at(1 - TAIL)];
}
