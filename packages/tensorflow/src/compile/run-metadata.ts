import type { PbfReader } from 'pbf';
import { readMessage } from '../c-api/proto.ts';

/** One operation that TensorFlow's executor ran. */
export interface OperationTime {
  /** Name of the node in the graph that ran. A node that grappler made has the name of a node that it replaces. */
  readonly name: string;
  /** The operation, `_FusedMatMul`; the node's name where the executor does not tell. */
  readonly operation: string;
  /** Time of the kernel alone, without waiting for its turn. */
  readonly timeInMs: number;
}

/** Reads the operations' times from a serialized `RunMetadata` (tensorflow/core/framework/step_stats.proto). */
export function parseRunMetadata(metadata: Uint8Array): OperationTime[] {
  return readMessage(metadata, readMetadata, []);
}

function readMetadata(field: number, times: OperationTime[], pbf: PbfReader): void {
  if (field === 1) pbf.readMessage(readStepStats, times);
}

function readStepStats(field: number, times: OperationTime[], pbf: PbfReader): void {
  if (field === 1) pbf.readMessage(readDevice, times);
}

function readDevice(field: number, times: OperationTime[], pbf: PbfReader): void {
  if (field !== 2) return;
  const { name, label, start, end } = pbf.readMessage(readNode, { name: '', label: '', start: 0, end: 0 });
  const operation = / = (\w+)\(/.exec(label)?.[1] ?? name; // "name = Operation(inputs)"
  times.push({ name, operation, timeInMs: (end - start) / 1e6 });
}

interface NodeStats {
  name: string;
  label: string;
  /** Nanoseconds. */
  start: number;
  end: number;
}

function readNode(field: number, stats: NodeStats, pbf: PbfReader): void {
  if (field === 1)
    stats.name = pbf.readString(); // node_name
  else if (field === 8)
    stats.label = pbf.readString(); // timeline_label
  else if (field === 14)
    stats.start = pbf.readVarint(); // op_start_rel_nanos
  else if (field === 15) stats.end = pbf.readVarint(); // op_end_rel_nanos
}
