import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { io } from '@tensorflow/tfjs-core';

const SCHEME = 'file://';
const MODEL_FILE = 'model.json';
const WEIGHTS_FILE = 'weights.bin';

/** Saves and loads a model's topology and weights as files. */
class FileSystem implements io.IOHandler {
  readonly #path: string;
  /** The manifest of the weights, where `path` is a binary topology. */
  readonly #manifestPath: string | undefined;

  constructor(path: string, manifestPath?: string) {
    this.#path = resolve(path);
    this.#manifestPath = manifestPath === undefined ? undefined : resolve(manifestPath);
  }

  /** Writes `model.json` and `weights.bin` into the folder, which it makes where there is none. */
  async save(artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
    if (this.#manifestPath !== undefined) throw new Error('a model is saved to one folder, got two paths');
    const { modelTopology, weightSpecs = [], weightData = new ArrayBuffer(), ...others } = artifacts;
    if (modelTopology instanceof ArrayBuffer) throw new Error('a binary topology cannot be saved');
    const { format, generatedBy, convertedBy, signature, trainingConfig, userDefinedMetadata } = others;
    const weightsManifest = [{ paths: [WEIGHTS_FILE], weights: weightSpecs }];
    const parts = { modelTopology, weightsManifest, format, generatedBy, convertedBy };
    const model = { ...parts, signature, trainingConfig, userDefinedMetadata };
    if (await isFile(this.#path)) throw new Error(`${this.#path} is a file: a model is saved to a folder`);
    await mkdir(this.#path, { recursive: true });
    await writeFile(join(this.#path, MODEL_FILE), JSON.stringify(model));
    await writeFile(join(this.#path, WEIGHTS_FILE), Buffer.from(io.CompositeArrayBuffer.join(weightData)));
    return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
  }

  async load(): Promise<io.ModelArtifacts> {
    const path = this.#path;
    const manifestPath = this.#manifestPath;
    if (manifestPath === undefined) {
      const model = JSON.parse(await readText(path)) as io.ModelJSON;
      return io.getModelArtifactsForJSON(model, (manifest) => readWeights(manifest, path));
    }
    const modelTopology = toArrayBuffer(await read(path));
    const manifest = JSON.parse(await readText(manifestPath)) as io.WeightsManifestConfig;
    const [weightSpecs, weightData] = await readWeights(manifest, manifestPath);
    return { modelTopology, weightSpecs, weightData };
  }
}

/**
 * A handler that saves a model to a folder and loads it from its `model.json`. Two paths are a binary topology and the
 * manifest of its weights.
 */
export function fileSystem(path: string | readonly string[]): io.IOHandler & Required<Pick<io.IOHandler, 'load'>> {
  if (typeof path === 'string') return new FileSystem(path);
  const [topology, manifest] = path;
  if (path.length !== 2) throw new RangeError(`expected 2 paths, topology and manifest, got ${path.length}`);
  return new FileSystem(topology!, manifest);
}

/** Handles `file://` for `tf.io`; null for other addresses. */
export function fileSystemRouter(url: string | string[]): io.IOHandler | null {
  const urls = Array.isArray(url) ? url : [url];
  if (!urls.every((address) => address.startsWith(SCHEME))) return null;
  const paths = urls.map((address) => address.slice(SCHEME.length));
  return fileSystem(Array.isArray(url) ? paths : paths[0]!);
}

/** Weights of a manifest, whose files lie in its folder or below. */
async function readWeights(
  manifest: io.WeightsManifestConfig,
  manifestPath: string,
): Promise<[io.WeightsManifestEntry[], ArrayBuffer]> {
  const folder = dirname(manifestPath);
  const buffers: Buffer[] = [];
  for (const path of manifest.flatMap(({ paths }) => paths)) {
    const fromFolder = relative(folder, resolve(folder, path));
    if (fromFolder.startsWith('..') || isAbsolute(fromFolder))
      throw new Error(`${manifestPath}: the weights ${path} lie outside its folder`);
    buffers.push(await read(join(folder, fromFolder)));
  }
  return [manifest.flatMap(({ weights }) => weights), toArrayBuffer(Buffer.concat(buffers))];
}

async function read(path: string): Promise<Buffer> {
  if (!(await isFile(path))) throw new Error(`${path} does not exist, or is no file: loading failed`);
  return readFile(path);
}

async function readText(path: string): Promise<string> {
  return (await read(path)).toString('utf8');
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return found?.isFile() ?? false;
}

function toArrayBuffer(buffer: Buffer): ArrayBuffer {
  return Uint8Array.from(buffer).buffer;
}
