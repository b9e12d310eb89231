/** Where a block of an EfficientNet stands. */
export interface BlockPlace {
  readonly stage: number;
  /** In its stage. */
  readonly place: number;
  /** In the network. */
  readonly number: number;
  /** Whether a 1 × 1 convolution widens before the depthwise one. */
  readonly expands: boolean;
  /** Whether it has a squeeze-and-excitation. */
  readonly squeezes: boolean;
}

/** Names of a convolution and of the normalization after it, or of the two layers of a squeeze-and-excitation. */
type Pair = readonly [first: string, second: string];

interface Naming {
  readonly stem: Pair;
  expansion(block: BlockPlace): Pair;
  depthwise(block: BlockPlace): Pair;
  squeeze(block: BlockPlace): Pair;
  projection(block: BlockPlace): Pair;
  /** @param stages number of stages */
  top(stages: number): Pair;
  readonly head: string;
}

const under = (path: string, [first, second]: Pair): Pair => [`${path}.${first}`, `${path}.${second}`];
const inTorchvision = ({ stage, place }: BlockPlace): string => `features.${stage + 1}.${place}.block`;
const inTimm = ({ stage, place }: BlockPlace): string => `blocks.${stage}.${place}`;
const inLite = ({ number }: BlockPlace): string => `_blocks.${number}`;

/**
 * Names of an EfficientNet's layers: in torchvision, in the package `efficientnet_lite_pytorch`, which are those of
 * `efficientnet_pytorch`, and in timm.
 */
export const namings = {
  torchvision: {
    stem: ['features.0.0', 'features.0.1'],
    expansion: (block) => under(inTorchvision(block), ['0.0', '0.1']),
    depthwise: (block) => under(inTorchvision(block), block.expands ? ['1.0', '1.1'] : ['0.0', '0.1']),
    squeeze: (block) => under(inTorchvision(block), block.expands ? ['2.fc1', '2.fc2'] : ['1.fc1', '1.fc2']),
    projection(block) {
      const last = 1 + Number(block.expands) + Number(block.squeezes);
      return under(inTorchvision(block), [`${last}.0`, `${last}.1`]);
    },
    top: (stages) => under(`features.${stages + 1}`, ['0', '1']),
    head: 'classifier.1',
  },
  lite: {
    stem: ['_conv_stem', '_bn0'],
    expansion: (block) => under(inLite(block), ['_expand_conv', '_bn0']),
    depthwise: (block) => under(inLite(block), ['_depthwise_conv', '_bn1']),
    squeeze: (block) => under(inLite(block), ['_se_reduce', '_se_expand']),
    projection: (block) => under(inLite(block), ['_project_conv', '_bn2']),
    top: () => ['_conv_head', '_bn1'],
    head: '_fc',
  },
  timm: {
    stem: ['conv_stem', 'bn1'],
    expansion: (block) => under(inTimm(block), ['conv_pw', 'bn1']),
    depthwise: (block) => under(inTimm(block), block.expands ? ['conv_dw', 'bn2'] : ['conv_dw', 'bn1']),
    squeeze: (block) => under(inTimm(block), ['se.conv_reduce', 'se.conv_expand']),
    projection: (block) => under(inTimm(block), block.expands ? ['conv_pwl', 'bn3'] : ['conv_pw', 'bn2']),
    top: () => ['conv_head', 'bn2'],
    head: 'classifier',
  },
} as const satisfies Readonly<Record<string, Naming>>;

export type NamingName = keyof typeof namings;

/**
 * Names of all layers of an EfficientNet, from the stem to the last, in the order of their use.
 * @param places blocks from the first to the last
 */
export function layerNames(naming: NamingName, places: readonly BlockPlace[]): string[] {
  const names: Naming = namings[naming];
  return [
    ...names.stem,
    ...places.flatMap((block) => [
      ...(block.expands ? names.expansion(block) : []),
      ...names.depthwise(block),
      ...(block.squeezes ? names.squeeze(block) : []),
      ...names.projection(block),
    ]),
    ...names.top(places.at(-1)!.stage + 1),
    names.head,
  ];
}

/** Names of a Vision Transformer's weights in timm, as patterns, and in torchvision. */
const TRANSFORMER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^cls_token$/, 'class_token'],
  [/^pos_embed$/, 'encoder.pos_embedding'],
  [/^patch_embed\.proj\./, 'conv_proj.'],
  [/^norm\./, 'encoder.ln.'],
  [/^head\./, 'heads.head.'],
  [/^blocks\.(\d+)\.norm1\./, 'encoder.layers.encoder_layer_$1.ln_1.'],
  [/^blocks\.(\d+)\.norm2\./, 'encoder.layers.encoder_layer_$1.ln_2.'],
  [/^blocks\.(\d+)\.attn\.qkv\./, 'encoder.layers.encoder_layer_$1.self_attention.in_proj_'],
  [/^blocks\.(\d+)\.attn\.proj\./, 'encoder.layers.encoder_layer_$1.self_attention.out_proj.'],
  [/^blocks\.(\d+)\.mlp\.fc1\./, 'encoder.layers.encoder_layer_$1.mlp.0.'],
  [/^blocks\.(\d+)\.mlp\.fc2\./, 'encoder.layers.encoder_layer_$1.mlp.3.'],
];

/** torchvision's name of a Vision Transformer's weight in timm. Other names stay. */
export function transformerName(name: string): string {
  const found = TRANSFORMER_NAMES.find(([pattern]) => pattern.test(name));
  return found === undefined ? name : name.replace(found[0], found[1]);
}
