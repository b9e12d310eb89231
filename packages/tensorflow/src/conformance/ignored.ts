/** Specs that fail for one reason, by their full names. */
interface Group {
  readonly reason: string;
  readonly names: readonly string[];
}

const groups: readonly Group[] = [
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
];

/** Every spec of tfjs-core that may fail on native TensorFlow, with its reason. */
export const ignoredSpecs: ReadonlyMap<string, string> = new Map(
  groups.flatMap(({ reason, names }) => names.map((name) => [name, reason])),
);
