import { bytesField, encodeMessage, type Field, integerField, messageField, readMessage } from '../../protobuf.ts';

/** Field numbers of Record (wandb/proto/wandb_internal.proto). Each function below creates one field. */
const RECORD = { number: 1, history: 2, summary: 3, files: 6, run: 17, exit: 18, header: 21 } as const;
/** FilesItem.FileType of an image. */
const MEDIA = 2;
/** Oldest W&B version that reads these records. */
const OLDEST_READER = '0.13.0';

/** JSON values by name. */
export type Row = Readonly<Record<string, unknown>>;

/** Encodes a record. @param number position in the file, from 1 */
export function encodeRecord(number: number, content: Field): Uint8Array {
  return encodeMessage([integerField(RECORD.number, number), content]);
}

export function headerRecord(): Field {
  return messageField(RECORD.header, [messageField(1, [bytesField(1, 'motley'), bytesField(2, OLDEST_READER)])]);
}

export interface RunDescription {
  readonly id: string;
  readonly project: string;
  readonly entity: string | undefined;
  readonly group: string | undefined;
  readonly name: string;
  readonly config: unknown;
  readonly startedAt: Date;
}

export function runRecord({ id, project, entity, group, name, config, startedAt }: RunDescription): Field {
  const milliseconds = startedAt.getTime();
  const settings = Object.entries(config as object).map(([key, value]) =>
    messageField(1, [bytesField(1, key), bytesField(16, toJson(value))]),
  );
  return messageField(RECORD.run, [
    bytesField(1, id),
    ...(entity === undefined ? [] : [bytesField(2, entity)]),
    bytesField(3, project),
    messageField(4, settings),
    ...(group === undefined ? [] : [bytesField(6, group)]),
    bytesField(8, name),
    messageField(17, [
      integerField(1, Math.floor(milliseconds / 1000)),
      integerField(2, (milliseconds % 1000) * 1_000_000),
    ]),
  ]);
}

/** Row of the run's table. */
export function historyRecord(row: Row, step: number): Field {
  return messageField(RECORD.history, [...items(row), messageField(2, [integerField(1, step)])]);
}

/** Latest values, shown in the table of runs. */
export function summaryRecord(row: Row): Field {
  return messageField(RECORD.summary, items(row));
}

/** Images to upload. @param paths relative to `files/` */
export function mediaRecord(paths: readonly string[]): Field {
  return messageField(
    RECORD.files,
    paths.map((path) => messageField(1, [bytesField(1, path), integerField(3, MEDIA)])),
  );
}

export function exitRecord(exitCode: number, runtimeInSeconds: number): Field {
  return messageField(RECORD.exit, [integerField(1, exitCode), integerField(2, Math.round(runtimeInSeconds))]);
}

/**
 * Rows, summaries and images that a resumed run keeps from its earlier file, up to a step.
 * @param records encoded, as read from the file
 * @throws RangeError where a record is damaged
 */
export function keptContents(records: readonly Uint8Array[], lastStep: number): Field[] {
  const kept: Field[] = [];
  // The summary and images of a row follow it.
  let isKept = true;
  for (const record of records) {
    const content = readMessage(record).find(({ number }) => number !== RECORD.number);
    if (content === undefined || typeof content.value === 'number') continue;
    if (content.number === RECORD.history) isKept = stepOf(content.value) <= lastStep;
    const isTable = [RECORD.history, RECORD.summary, RECORD.files].some((number) => number === content.number);
    if (isKept && isTable) kept.push(bytesField(content.number, content.value));
  }
  return kept;
}

function stepOf(history: Uint8Array): number {
  const step = readMessage(history).find(({ number }) => number === 2)?.value;
  const value = step instanceof Uint8Array ? readMessage(step).find(({ number }) => number === 1)?.value : undefined;
  return typeof value === 'number' ? value : 0;
}

function items(row: Row): Field[] {
  return Object.entries(row).map(([name, value]) =>
    messageField(1, [bytesField(2, name), bytesField(16, toJson(value))]),
  );
}

/** Encodes JSON. It has neither NaN nor infinities; W&B accepts their names as strings. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'number' && !Number.isFinite(each) ? String(each) : each,
  );
}
