import { barChart, type Figure, heatMap, lineChart } from '@motley/run/node';
import {
  errorRates,
  errorRatesByGroup,
  type Estimate,
  letterConfusions,
  lettersOf,
  NO_LETTER,
  rangeName,
  type Transcription,
} from './error-rates.ts';
import { errorRatesByKind, type TranscribedParts } from './evaluate.ts';

/** Character error rates of a baseline: of each test set by its name, or one for all. */
export type BaselineRates = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** `unseenVoices` as `unseen voices`. */
export function setName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const percent = (value: number): number => 100 * value;
const intervalOf = ({ low, high }: Estimate): readonly [number, number] => [percent(low), percent(high)];
const shown = (value: number): string => `${percent(value).toFixed(1)} %`;
const NOTHING = { value: NaN, low: NaN, high: NaN };

/** Error rates of the test sets with their intervals, beside the character error rates of baselines. */
export function errorRatesFigure(parts: TranscribedParts, baselines: BaselineRates = {}): Figure {
  const names = Object.keys(parts);
  const rates = names.map((name) => errorRates(parts[name]!));
  const series = (name: string, estimates: readonly Estimate[]) => ({
    name,
    values: estimates.map(({ value }) => percent(value)),
    intervals: estimates.map(intervalOf),
  });
  return barChart({
    title: 'Error rates of the test sets',
    subtitle: 'whiskers: 95 % intervals over utterances; after the names: characters',
    xName: 'test set',
    yName: 'error rate (%)',
    width: Math.max(760, 190 * names.length),
    categories: names.map((name, index) => `${setName(name)}: ${shown(rates[index]!.characterErrorRate.value)}`),
    series: [
      series(
        'characters',
        rates.map(({ characterErrorRate }) => characterErrorRate),
      ),
      series(
        'words',
        rates.map(({ wordErrorRate }) => wordErrorRate),
      ),
      ...Object.entries(baselines).map(([baseline, values]) => ({
        name: `characters: ${setName(baseline)}`,
        values: names.map((name) => percent(values[name] ?? NaN)),
      })),
    ],
  });
}

/** Lengths of transcripts at which a range ends and the next begins, in letters. */
const LENGTH_EDGES = [10, 20, 30, 40, 60, 80, 120] as const;
/** Fewer utterances have no interval to speak of. */
const FEWEST = 10;

/** Character error rate by the length of the transcript, for each test set. */
export function errorByLengthFigure(parts: TranscribedParts): Figure {
  const lengthOf = ({ reference }: Transcription): string => rangeName(lettersOf(reference).length, LENGTH_EDGES);
  const groups = Object.entries(parts).map(([name, each]) => ({ name, rates: errorRatesByGroup(each, lengthOf) }));
  const ranges = [...LENGTH_EDGES.map((edge) => rangeName(edge - 1, LENGTH_EDGES)), rangeName(Infinity, LENGTH_EDGES)];
  const drawn = ranges.filter((range) => groups.some(({ rates }) => (rates.get(range)?.utterances ?? 0) >= FEWEST));
  return barChart({
    title: 'Errors by the length of the transcript',
    subtitle: `whiskers: 95 % intervals over utterances; ranges with fewer than ${FEWEST} utterances are left out`,
    xName: 'letters of the transcript',
    yName: 'character error rate (%)',
    width: Math.max(760, 100 + 24 * groups.length * drawn.length),
    categories: drawn,
    series: groups.map(({ name, rates }) => {
      const estimates = drawn.map((range) => {
        const found = rates.get(range);
        return found === undefined || found.utterances < FEWEST ? NOTHING : found.characterErrorRate;
      });
      return {
        name: setName(name),
        values: estimates.map(({ value }) => percent(value)),
        intervals: estimates.map(intervalOf),
      };
    }),
  });
}

/** Character error rate by the kind of the transcript, for each test set that has several. Undefined where none has. */
export function errorByKindFigure(parts: TranscribedParts): Figure | undefined {
  const groups = Object.entries(parts)
    .map(([name, transcriptions]) => ({ name, rates: errorRatesByKind(transcriptions) }))
    .filter(({ rates }) => rates.size > 0);
  if (groups.length === 0) return undefined;
  const kinds = [...new Set(groups.flatMap(({ rates }) => [...rates.keys()]))];
  return barChart({
    title: 'Errors by the kind of the sentence',
    subtitle: 'whiskers: 95 % intervals over utterances',
    xName: 'where the sentences come from',
    yName: 'character error rate (%)',
    categories: kinds,
    series: groups.map(({ name, rates }) => {
      const estimates = kinds.map((kind) => rates.get(kind)?.characterErrorRate ?? NOTHING);
      return {
        name: setName(name),
        values: estimates.map(({ value }) => percent(value)),
        intervals: estimates.map(intervalOf),
      };
    }),
  });
}

/** Transcriptions of the same utterances with noise. */
export interface NoisyTranscriptions {
  /** Kind of noise: `white noise`. */
  readonly kind: string;
  readonly snrInDb: number;
  readonly transcriptions: readonly Transcription[];
}

/** Character error rate by the level of added noise. @param clean the same utterances without it */
export function errorByNoiseFigure(clean: readonly Transcription[], noisy: readonly NoisyTranscriptions[]): Figure {
  const kinds = [...new Set(noisy.map(({ kind }) => kind))];
  const ratios = noisy.map(({ snrInDb }) => snrInDb).sort((one, other) => one - other);
  const { value } = errorRates(clean).characterErrorRate;
  const measured = kinds.map((kind) =>
    noisy
      .filter((each) => each.kind === kind)
      .sort((one, other) => one.snrInDb - other.snrInDb)
      .map(({ snrInDb, transcriptions }) => ({ snrInDb, ...errorRates(transcriptions).characterErrorRate })),
  );
  return lineChart({
    title: 'Errors by the level of added noise',
    subtitle: `${clean.length} utterances; bands: 95 % intervals over utterances`,
    xName: 'signal-to-noise ratio (dB), speech without its pauses',
    yName: 'character error rate (%)',
    lines: [
      ...measured.map((points, kind) => ({
        name: kinds[kind]!,
        points: points.map((point) => [point.snrInDb, percent(point.value)] as const),
      })),
      {
        name: `without noise (${shown(value)})`,
        points: [ratios[0]!, ratios.at(-1)!].map((ratio) => [ratio, percent(value)] as const),
        dashed: true,
      },
    ],
    bands: measured.map((points, color) => ({
      points: points.map((point) => [point.snrInDb, ...intervalOf(point)] as const),
      color,
      opacity: 0.15,
    })),
  });
}

const CELL = 26;

/** Letters heard for letters said. Hits are left out of the map, and counted beside the rows. */
export function confusionsFigure(transcriptions: readonly Transcription[]): Figure {
  const { symbols, counts } = letterConfusions(transcriptions);
  const size = symbols.length;
  const rows = symbols.map((_, row) => Array.from(counts.subarray(row * size, (row + 1) * size)));
  const said = rows.map((row) => row.reduce((sum, count) => sum + count, 0));
  const label = (symbol: string): string => (symbol === ' ' ? '␣' : symbol);
  const errors = rows.flatMap((row, at) => row.map((count, column) => (column === at ? 0 : count)));
  const total = errors.reduce((sum, count) => sum + count, 0);
  const letters = said.reduce((sum, count, row) => (symbols[row] === NO_LETTER ? sum : sum + count), 0);
  return heatMap({
    title: 'Letters heard for letters said',
    subtitle: `${total} errors in ${letters} letters of all test sets; ${NO_LETTER} in a row: inserted, in a column: left out`,
    xName: 'heard',
    yName: 'said, and share heard right',
    values: errors,
    cellLabels: errors.map((count) => (count === 0 ? '' : String(count))),
    xLabels: symbols.map(label),
    yLabels: symbols.map((symbol, row) =>
      symbol === NO_LETTER || said[row] === 0
        ? label(symbol)
        : `${label(symbol)} ${shown(rows[row]![row]! / said[row]!)}`,
    ),
    width: size * CELL + 76 + 90,
    height: size * CELL + 72 + 58,
  });
}
