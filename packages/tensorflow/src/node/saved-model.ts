import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DataType as Dtype,
  type InferenceModel,
  type MetaGraph,
  type ModelTensorInfo,
  type NamedTensorMap,
  type SignatureDefEntry,
  Tensor,
} from '@tensorflow/tfjs-core';
import type { PbfReader } from 'pbf';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { SavedModels } from '../backend/saved-models.ts';
import { dtypeOf, nearestType } from '../backend/tensor-data.ts';
import { readMessage } from '../c-api/proto.ts';
import { DataType, dataTypeName } from '../c-api/types.ts';
import { nativeBackend } from './backend.ts';

/** A signature that TensorFlow runs itself when it loads a model. */
const INITIALIZATION = '__saved_model_init_op';

/** Describes the graphs of a SavedModel by its `saved_model.pb` (tensorflow/core/protobuf/saved_model.proto). */
export async function getMetaGraphsFromSavedModel(path: string): Promise<MetaGraph[]> {
  const file = join(path, 'saved_model.pb');
  const content = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error(`${path} is no SavedModel: it has no saved_model.pb`);
    throw error;
  });
  return readMessage(content, readSavedModel, []);
}

function readSavedModel(field: number, graphs: MetaGraph[], pbf: PbfReader): void {
  if (field === 2) graphs.push(pbf.readMessage(readMetaGraph, { tags: [], signatureDefs: {} }));
}

function readMetaGraph(field: number, graph: MetaGraph, pbf: PbfReader): void {
  if (field === 1) pbf.readMessage(readTags, graph.tags);
  if (field === 5) {
    const { key, value } = readEntry<SignatureDefEntry>(pbf, readSignature, { inputs: {}, outputs: {} });
    if (key !== INITIALIZATION) graph.signatureDefs[key] = value;
  }
}

function readTags(field: number, tags: string[], pbf: PbfReader): void {
  if (field === 4) tags.push(pbf.readString());
}

function readSignature(field: number, signature: SignatureDefEntry, pbf: PbfReader): void {
  if (field !== 1 && field !== 2) return;
  const { key, value } = readEntry<ModelTensorInfo>(pbf, readTensorInfo, { name: '', shape: [], dtype: 'float32' });
  (field === 1 ? signature.inputs : signature.outputs)[key] = value;
}

function readTensorInfo(field: number, info: ModelTensorInfo, pbf: PbfReader): void {
  if (field === 1) info.name = pbf.readString();
  if (field === 2) Object.assign(info, describeType(pbf.readVarint()));
  if (field === 3) pbf.readMessage(readShape, info.shape!);
}

/** Reads sizes; an unknown one is −1. */
function readShape(field: number, shape: number[], pbf: PbfReader): void {
  if (field === 2) shape.push(pbf.readMessage(readDimension, { size: 0 }).size);
}

function readDimension(field: number, dimension: { size: number }, pbf: PbfReader): void {
  if (field === 1) dimension.size = pbf.readVarint(true);
}

/** An entry of a `map<string, message>`. */
function readEntry<T>(pbf: PbfReader, read: (field: number, value: T, pbf: PbfReader) => void, value: T) {
  return pbf.readMessage(
    (field, entry) => {
      if (field === 1) entry.key = pbf.readString();
      if (field === 2) pbf.readMessage(read, entry.value);
    },
    { key: '', value },
  );
}

/** TensorFlow's names of types that differ from Motley's. */
const TYPE_NAMES: Readonly<Record<string, string>> = { float32: 'FLOAT', float64: 'DOUBLE', float16: 'HALF' };

function describeType(dataType: number): { dtype: Dtype; tfDtype: string } {
  const name = dataTypeName(dataType);
  const dtype = dtypeOf(nearestType(dataType) ?? dataType);
  if (dtype === undefined) throw new TypeError(`the SavedModel has a tensor of ${name}, which tfjs does not have`);
  return { dtype, tfDtype: `DT_${TYPE_NAMES[name] ?? name.toUpperCase()}` };
}

/** A SavedModel in a session of its own, shared by all that are loaded from the same path with the same tags. */
interface Session {
  readonly id: number;
  users: number;
}

/** The sessions of a backend, by path and tags. */
class Sessions {
  readonly models: SavedModels;
  readonly open = new Map<string, Session>();

  constructor(backend: TensorFlowBackend) {
    this.models = new SavedModels(backend.runtime);
  }
}

const sessionsOf = new WeakMap<TensorFlowBackend, Sessions>();

function sessions(backend: TensorFlowBackend): Sessions {
  const found = sessionsOf.get(backend) ?? new Sessions(backend);
  sessionsOf.set(backend, found);
  return found;
}

/** A loaded SavedModel, ready to predict. */
export class SavedModel implements InferenceModel {
  readonly #backend: TensorFlowBackend;
  readonly #key: string;
  readonly #signature: SignatureDefEntry;
  #isDisposed = false;

  constructor(backend: TensorFlowBackend, key: string, signature: SignatureDefEntry) {
    this.#backend = backend;
    this.#key = key;
    this.#signature = signature;
    this.#session.users++;
  }

  get #session(): Session {
    return sessions(this.#backend).open.get(this.#key)!;
  }

  get inputs(): ModelTensorInfo[] {
    return describeAll(this.#signature.inputs);
  }

  get outputs(): ModelTensorInfo[] {
    return describeAll(this.#signature.outputs);
  }

  /**
   * @param inputs a tensor for a model of one input; a list in the signature's order; or a record by the inputs' names
   * @returns a tensor, a list or a record, as the inputs are
   */
  predict(inputs: Tensor | Tensor[] | NamedTensorMap): Tensor | Tensor[] | NamedTensorMap {
    const signature = this.#signature;
    const names = Object.keys(signature.inputs);
    if (inputs instanceof Tensor) {
      const outputs = this.#run([inputs]);
      return outputs.length === 1 ? outputs[0]! : outputs;
    }
    if (Array.isArray(inputs)) return this.#run(inputs);
    const given = Object.keys(inputs);
    if (given.length !== names.length || !names.every((name) => name in inputs))
      throw new Error(`the SavedModel has the inputs ${names.join(', ')}, got ${given.join(', ')}`);
    const outputs = this.#run(names.map((name) => inputs[name]!));
    return Object.fromEntries(Object.keys(signature.outputs).map((name, index) => [name, outputs[index]!]));
  }

  execute(): never {
    throw new Error('a SavedModel computes its outputs alone: use predict');
  }

  dispose(): void {
    if (this.#isDisposed) throw new Error('the SavedModel was disposed before');
    this.#isDisposed = true;
    const session = this.#session;
    session.users--;
    if (session.users > 0) return;
    const { models, open } = sessions(this.#backend);
    open.delete(this.#key);
    models.delete(session.id);
  }

  #run(tensors: readonly Tensor[]): Tensor[] {
    if (this.#isDisposed) throw new Error('the SavedModel was disposed');
    const backend = this.#backend;
    const infos = Object.values(this.#signature.inputs);
    if (tensors.length !== infos.length)
      throw new Error(`the SavedModel has ${infos.length} inputs, got ${tensors.length} tensors`);
    const converted: number[] = [];
    try {
      const handles = tensors.map((tensor, index) => {
        const type = infos[index]!.tfDtype;
        if (type !== 'DT_UINT8' && type !== 'DT_INT64') return backend.getInputTensorIds([tensor])[0]!;
        const dataType = type === 'DT_UINT8' ? DataType.uint8 : DataType.int64;
        const handle = backend.createHandle(tensor.shape, dataType, Array.from(tensor.dataSync()));
        converted.push(handle);
        return handle;
      });
      const inputNames = infos.map(({ name }) => name);
      const outputNames = Object.values(this.#signature.outputs).map(({ name }) => name);
      const results = sessions(backend).models.run(this.#session.id, handles, inputNames, outputNames);
      return results.map((handle) => backend.takeOutput(handle));
    } finally {
      for (const handle of converted) backend.deleteHandle(handle);
    }
  }
}

function describeAll(entries: Readonly<Record<string, ModelTensorInfo>>): ModelTensorInfo[] {
  return Object.values(entries).map((info) => ({ ...info, name: info.name.replace(/:0$/, '') }));
}

/** Loads a SavedModel. @throws Error where it has no graph with these tags, or no such signature */
export async function loadSavedModel(
  path: string,
  tags: readonly string[] = ['serve'],
  signature = 'serving_default',
): Promise<SavedModel> {
  const backend = nativeBackend();
  const wanted = [...tags].sort().join(',');
  const graphs = await getMetaGraphsFromSavedModel(path);
  const graph = graphs.find((candidate) => [...candidate.tags].sort().join(',') === wanted);
  if (graph === undefined) throw new Error(`the SavedModel ${path} has no graph with the tags ${wanted}`);
  const definition = graph.signatureDefs[signature];
  if (definition === undefined) {
    const known = Object.keys(graph.signatureDefs).join(', ');
    throw new Error(`the SavedModel ${path} has no signature ${signature}: it has ${known}`);
  }
  const { models, open } = sessions(backend);
  const key = `${path}\n${wanted}`;
  if (!open.has(key)) open.set(key, { id: models.load(path, tags), users: 0 });
  return new SavedModel(backend, key, definition);
}

/** Number of sessions that are open for SavedModels. */
export function getNumOfSavedModels(): number {
  return sessions(nativeBackend()).models.count;
}
