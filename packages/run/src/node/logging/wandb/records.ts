import { bytesField, readFields, varintField } from '../../tensorboard/protobuf.ts';

/** Fields of Record (wandb/proto/wandb_internal.proto), which this file's functions give one each. */
const RECORD = { number: 1, history: 2, summary: 3, files: 6, run: 17, exit: 18, header: 21 } as const;
/** FilesItem's type of a picture. */
const MEDIA = 2;
/** Which reader a record asks for at least; what is written here is as old as the format. */
const OLDEST_READER = '0.13.0';

/** Values by name, each a JSON value. */
export type Row = Readonly<Record<string, unknown>>;

/** How a record is numbered, from 1 on. */
export function numbered(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([varintField(RECORD.number, number), content]);
}

export function headerRecord(): Uint8Array {
  return bytesField(RECORD.header, [bytesField(1, [bytesField(1, 'motley'), bytesField(2, OLDEST_READER)])]);
}

/** What a run is. */
export interface RunDescription {
  readonly id: string;
  readonly project: string;
  readonly entity: string | undefined;
  readonly group: string | undefined;
  readonly name: string;
  readonly config: unknown;
  readonly startedAt: Date;
}

export function runRecord({ id, project, entity, group, name, config, startedAt }: RunDescription): Uint8Array {
  const milliseconds = startedAt.getTime();
  const settings = Object.entries(config as object).map(([key, value]) =>
    bytesField(1, [bytesField(1, key), bytesField(16, toJson(value))]),
  );
  return bytesField(RECORD.run, [
    bytesField(1, id),
    ...(entity === undefined ? [] : [bytesField(2, entity)]),
    bytesField(3, project),
    bytesField(4, settings),
    ...(group === undefined ? [] : [bytesField(6, group)]),
    bytesField(8, name),
    bytesField(17, [
      varintField(1, Math.floor(milliseconds / 1000)),
      varintField(2, (milliseconds % 1000) * 1_000_000),
    ]),
  ]);
}

/** A row of the run's table, at a step. */
export function historyRecord(row: Row, step: number): Uint8Array {
  return bytesField(RECORD.history, [...items(row), bytesField(2, [varintField(1, step)])]);
}

/** The newest values, which the table of runs shows. */
export function summaryRecord(row: Row): Uint8Array {
  return bytesField(RECORD.summary, items(row));
}

/** Pictures to be uploaded, by path below `files/`. */
export function mediaRecord(paths: readonly string[]): Uint8Array {
  return bytesField(
    RECORD.files,
    paths.map((path) => bytesField(1, [bytesField(1, path), varintField(3, MEDIA)])),
  );
}

export function exitRecord(exitCode: number, runtimeInSeconds: number): Uint8Array {
  return bytesField(RECORD.exit, [varintField(1, exitCode), varintField(2, Math.round(runtimeInSeconds))]);
}

/**
 * What a run that goes on keeps of an earlier file: its table, its newest values and its pictures, up to a step.
 * @param records as they were written, with their numbers
 * @throws RangeError where they are damaged
 */
export function keptContents(records: readonly Uint8Array[], lastStep: number): Uint8Array[] {
  const kept: Uint8Array[] = [];
  // Each row's newest values and pictures come after it.
  let isKept = true;
  for (const record of records) {
    const content = readFields(record).find(({ field }) => field !== RECORD.number);
    if (content === undefined || typeof content.value === 'number') continue;
    if (content.field === RECORD.history) isKept = stepOf(content.value) <= lastStep;
    const isTable = [RECORD.history, RECORD.summary, RECORD.files].some((field) => field === content.field);
    if (isKept && isTable) kept.push(bytesField(content.field, content.value));
  }
  return kept;
}

function stepOf(history: Uint8Array): number {
  const step = readFields(history).find(({ field }) => field === 2)?.value;
  const number = step instanceof Uint8Array ? readFields(step).find(({ field }) => field === 1)?.value : undefined;
  return typeof number === 'number' ? number : 0;
}

function items(row: Row): Uint8Array[] {
  return Object.entries(row).map(([name, value]) =>
    bytesField(1, [bytesField(2, name), bytesField(16, toJson(value))]),
  );
}

/** JSON has no NaN; Weights & Biases takes the word. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'number' && !Number.isFinite(each) ? String(each) : each,
  );
}
