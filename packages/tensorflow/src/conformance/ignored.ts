/** Specs that fail for one reason, by their full names. */
interface Group {
  readonly reason: string;
  readonly names: readonly string[];
}

const GROUPS: readonly Group[] = [
  {
    reason: 'tfjs-core itself marks these as pending (xit)',
    names: [
      'debug on test-tensorflow {} A x B',
      'IS_BROWSER isBrowser: true',
      'IS_BROWSER isBrowser: false',
      'kernel_registry test-tensorflow {} errors when registering the same kernel twice',
      'gradient registry test-tensorflow {} warning when registering the same gradient twice',
    ],
  },
  {
    reason: 'wants "not implemented yet" for a trace, which TensorFlow computes',
    names: ['einsum test-tensorflow {} 2d matrix calculate trace: duplicate axes not implemented yet'],
  },
  {
    reason:
      'its input [1, 8, 8, 8] is not what a convolution of the output [1, 4, 4, 8] with stride 1 and same padding gives, which TensorFlow refuses',
    names: ['conv2dTranspose test-tensorflow {} input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4'],
  },
  {
    reason:
      'wants the input unchanged: a shortcut of the CPU backend for windows of 1 whose outputs have the shape of the input, though with stride 2 and padding 1 all but one of them lie in the padding',
    names: [
      'pool test-tensorflow {} max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding',
      'pool test-tensorflow {} avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding',
    ],
  },
  {
    reason:
      'divides by the size of the window, though the average that it differentiates divides by the elements outside the padding, here and in TensorFlow',
    names: ['avgPool test-tensorflow {} gradient x=[3,3,1] f=[3,3] s=1 p=explicit'],
  },
];

/** The specs of tfjs-core that may fail on native TensorFlow, each with its reason. */
export const IGNORED_SPECS: ReadonlyMap<string, string> = new Map(
  GROUPS.flatMap(({ reason, names }) => names.map((name) => [name, reason])),
);
