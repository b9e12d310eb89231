import { UserError } from '@motley/run';

/** Names of a block's tensors in the three libraries, by the authors' name. */
const BLOCK_NAMES = [
  ['gamma', 'gamma', 'layer_scale'],
  ['dwconv.', 'conv_dw.', 'block.0.'],
  ['norm.', 'norm.', 'block.2.'],
  ['pwconv1.', 'mlp.fc1.', 'block.3.'],
  ['pwconv2.', 'mlp.fc2.', 'block.5.'],
] as const;

const ofTimm = new Map<string, string>(BLOCK_NAMES.map(([own, timm]) => [timm, own]));
const ofTorchvision = new Map<string, string>(BLOCK_NAMES.map(([own, , torchvision]) => [torchvision, own]));

type Rule = readonly [pattern: RegExp, own: (match: RegExpMatchArray) => string | undefined];

const blockName = (stage: number, place: string, own: string | undefined, rest: string): string | undefined =>
  own === undefined ? undefined : `stages.${stage}.${place}.${own}${rest}`;

const TIMM: readonly Rule[] = [
  [/^stem\.([01]\..*)$/, ([, rest]) => `downsample_layers.0.${rest!}`],
  [/^stages\.(\d+)\.downsample\.([01]\..*)$/, ([, stage, rest]) => `downsample_layers.${stage!}.${rest!}`],
  [
    /^stages\.(\d+)\.blocks\.(\d+)\.(gamma$|conv_dw\.|norm\.|mlp\.fc[12]\.)(.*)$/,
    ([, stage, place, name, rest]) => blockName(Number(stage), place!, ofTimm.get(name!), rest!),
  ],
  [/^head\.norm\.(.*)$/, ([, rest]) => `norm.${rest!}`],
  [/^head\.fc\.(.*)$/, ([, rest]) => `head.${rest!}`],
];

const TORCHVISION: readonly Rule[] = [
  [/^features\.0\.([01]\..*)$/, ([, rest]) => `downsample_layers.0.${rest!}`],
  [/^features\.([246])\.([01]\..*)$/, ([, place, rest]) => `downsample_layers.${Number(place) / 2}.${rest!}`],
  [
    /^features\.([1357])\.(\d+)\.(layer_scale$|block\.[0235]\.)(.*)$/,
    ([, number, place, name, rest]) => blockName((Number(number) - 1) / 2, place!, ofTorchvision.get(name!), rest!),
  ],
  [/^classifier\.0\.(.*)$/, ([, rest]) => `norm.${rest!}`],
  [/^classifier\.2\.(.*)$/, ([, rest]) => `head.${rest!}`],
];

/** Libraries by a name that only their weights have. */
const namings: readonly (readonly [sign: string, rules: readonly Rule[]])[] = [
  ['stem.0.weight', TIMM],
  ['features.0.0.weight', TORCHVISION],
];

/**
 * The authors' names for the tensors of a ConvNeXt: given name → authors' name. Names of timm and torchvision are
 * translated, the authors' own stay.
 * @throws UserError naming a tensor that a ConvNeXt of that library does not have
 */
export function authorsNames(names: readonly string[], where: string): Map<string, string> {
  const rules = namings.find(([sign]) => names.includes(sign))?.[1];
  if (rules === undefined) return new Map(names.map((name) => [name, name]));
  return new Map(
    names.map((name) => {
      for (const [pattern, own] of rules) {
        const match = pattern.exec(name);
        const found = match === null ? undefined : own(match);
        if (found !== undefined) return [name, found];
      }
      throw new UserError(`${where}: expected weights of a ConvNeXt, found "${name}"`);
    }),
  );
}
