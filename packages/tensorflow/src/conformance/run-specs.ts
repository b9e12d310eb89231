import { createRequire } from 'node:module';
import vm from 'node:vm';
import { bundleSpecs } from './bundle.ts';

export interface SpecResult {
  /** The names of the suites and of the spec, separated by spaces. */
  readonly name: string;
  readonly passed: boolean;
  /** First line of the failure's message. */
  readonly error?: string;
}

/** The part of jasmine-core that is used; the package has no types. */
interface JasmineModule {
  boot(): {
    DEFAULT_TIMEOUT_INTERVAL: number;
    getEnv(): JasmineEnvironment;
  };
}

interface JasmineEnvironment {
  configure(options: { random: boolean; specFilter(spec: { getFullName(): string }): boolean }): void;
  addReporter(reporter: { specDone(spec: JasmineSpecResult): void }): void;
  execute(): Promise<unknown>;
}

interface JasmineSpecResult {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
  readonly failedExpectations: readonly { readonly message: string }[];
}

const TIMEOUT_IN_MS = 20_000;

/**
 * Runs tfjs-core's own specs on the registered backend `tensorflow`.
 *
 * @param filter runs only the specs whose full name contains it
 * @param onResult called after each spec
 */
export async function runSpecs(filter: string, onResult: (result: SpecResult) => void): Promise<void> {
  const source = await bundleSpecs();
  const require = createRequire(import.meta.url);
  const jasmine = (require('jasmine-core') as JasmineModule).boot();
  jasmine.DEFAULT_TIMEOUT_INTERVAL = TIMEOUT_IN_MS;
  const environment = jasmine.getEnv();
  environment.configure({ random: false, specFilter: (spec) => spec.getFullName().includes(filter) });
  environment.addReporter({
    specDone({ fullName: name, status, failedExpectations }) {
      if (status === 'excluded') return;
      const passed = status === 'passed';
      const message = failedExpectations[0]?.message ?? status;
      onResult(passed ? { name, passed } : { name, passed, error: message.split('\n', 1)[0]! });
    },
  });
  const declare = vm.compileFunction(source, ['require', 'module', 'exports'], {
    filename: 'tfjs-core-specs.cjs',
  }) as (require: NodeJS.Require, module: object, exports: object) => void;
  declare(require, { exports: {} }, {});
  await environment.execute();
}
