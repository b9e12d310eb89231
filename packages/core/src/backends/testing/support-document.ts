import { largest } from '@motley/run';
import { BACKENDS, type BackendName } from './start-backend.ts';

export interface SupportRow {
  readonly group: string;
  readonly name: string;
  /** Backends with correct values and gradients. */
  readonly backends: ReadonlySet<BackendName>;
}

/** One system trained on one backend, as recorded by `record-systems.ts`. */
export interface TrainedSystem {
  readonly system: string;
  readonly backend: BackendName;
  readonly seeds: readonly number[];
  readonly steps: number;
  /** Loss on held-out data, one value per seed. */
  readonly loss: readonly number[];
  readonly accuracy?: readonly number[];
}

export interface TrainedSystems {
  readonly date: string;
  readonly systems: readonly TrainedSystem[];
}

const NAMES: Readonly<Record<BackendName, string>> = {
  tensorflow: 'native TensorFlow',
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
};

/** Support matrix in Markdown. */
export function supportDocument(rows: readonly SupportRow[], { date, systems }: TrainedSystems): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return [
    '# Backends',
    'The same model code trains on each. `--backend auto` takes the first that works: native TensorFlow (its GPU, else its CPU), WebGPU on a GPU, WebAssembly, plain JavaScript; it says which, and why the others were passed over. `--backend webgpu` also takes an adapter that is a program on the CPU, for tests: Debian’s `chromium` brings SwiftShader, `VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json`.',
    'Both tables are made: the first by `src/backends/backends.test.ts` (`pnpm exec vitest run src/backends -u` writes it), the second by `pnpm --filter @motley/core backends`.',
    'Known limits: `dataSync` on WebGPU in Node, and so `whileLoop` and `cond` there, is an error that says to use `await tensor.data()` (a page can read); `tf.divNoNan` has no gradient by a denominator of 0; `tf.cumprod` none by an input of 0.',
    '## Trained systems',
    `Held-out figures, mean ± standard deviation over the seeds, each backend from the same weights and the same order of the data (the noise of training is the backend’s own), recorded ${date}. WebGPU is SwiftShader’s here: a program on the CPU, not a GPU.`,
    table(
      ['system', 'steps × seeds', 'backend', 'loss', 'accuracy'],
      systems.map(({ system, backend, seeds, steps, loss, accuracy }) => [
        system,
        `${steps} × ${seeds.length}`,
        NAMES[backend],
        figure(loss, 3),
        accuracy === undefined ? '' : figure(accuracy, 3),
      ]),
    ),
    '## Operations, modules, optimizers',
    '✓: values agree with the other backends’, gradients with finite differences (an optimizer: the weights after three steps).',
    ...groups.flatMap((group) => [
      `### ${group[0]!.toUpperCase()}${group.slice(1)}`,
      table(
        ['', ...BACKENDS.map((backend) => NAMES[backend])],
        rows
          .filter((row) => row.group === group)
          .map(({ name, backends }) => [name, ...BACKENDS.map((backend) => (backends.has(backend) ? '✓' : '**no**'))]),
      ),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

function figure(values: readonly number[], digits: number): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
  return `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, largest(rows.map((row) => row[column]!.length))),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
