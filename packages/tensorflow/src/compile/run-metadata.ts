import { fields } from './operation-arguments.ts';

/** One operation that TensorFlow's executor ran. */
export interface OperationTime {
  /** The node's name in the graph as it ran: those that grappler made carry the name of one that they replace. */
  readonly name: string;
  /** What it does, `_FusedMatMul`; the name where the executor does not say. */
  readonly operation: string;
  /** Of its kernel alone, without waiting for its turn. */
  readonly timeInMs: number;
}

/** Reads the operations' times out of a serialised `RunMetadata` (tensorflow/core/framework/step_stats.proto). */
export function parseRunMetadata(metadata: Uint8Array): OperationTime[] {
  const result: OperationTime[] = [];
  for (const stepStats of messages(metadata, 1))
    for (const device of messages(stepStats, 1))
      for (const node of messages(device, 2)) result.push(operationTime(node));
  return result;
}

function operationTime(node: Uint8Array): OperationTime {
  const texts = new Map<number, string>();
  const numbers = new Map<number, number>();
  for (const [field, value] of fields(node)) {
    if (typeof value === 'number') numbers.set(field, value);
    else texts.set(field, Buffer.from(value).toString());
  }
  const name = texts.get(1) ?? ''; // node_name
  const operation = / = (\w+)\(/.exec(texts.get(8) ?? '')?.[1] ?? name; // timeline_label: "name = Operation(inputs)"
  const started = numbers.get(14) ?? 0; // op_start_rel_nanos
  return { name, operation, timeInMs: ((numbers.get(15) ?? 0) - started) / 1e6 }; // op_end_rel_nanos
}

function* messages(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (const [field, value] of fields(message)) if (field === wanted && typeof value !== 'number') yield value;
}
