import { afterEach, describe, expect, it, vi } from 'vitest';
import { nativeGate } from './native-gate.ts';

const fail = (error: Error) => () => Promise.reject(error);
const notFound = Object.assign(new Error('no library on this machine'), { code: 'not-found' });
const wrapped = new Error('--backend tensorflow: unavailable', { cause: new Error('in between', { cause: notFound }) });
const damaged = Object.assign(new Error('libtensorflow.so.2: truncated'), { code: 'damaged' });

vi.stubEnv('MOTLEY_REQUIRE_TENSORFLOW', undefined);
const here = await nativeGate(() => 'started');
const missing = await nativeGate(fail(wrapped));
const ran: string[] = [];
here.describeNative('native suite', () => {
  it('runs where the library is', () => void ran.push('native'));
});
here.describeOn(['cpu', 'tensorflow'], 'suite on %s', (backend) => {
  it('runs where the library is', ({ task }) => void ran.push(backend, task.suite!.name));
});
missing.describeOn(['wasm'], 'suite on %s', (backend) => {
  it('runs without the library', () => void ran.push(backend));
});
// Without tests, so that no report counts them as skipped.
missing.describeNative('native suite', () => undefined);
missing.describeOn(['tensorflow'], 'suite on %s', () => undefined);

describe('the gate', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('runs suites where the library is, and those of other backends everywhere', () => {
    expect([here.hasNative, missing.hasNative]).toEqual([true, false]);
    expect(ran).toEqual(['native', 'cpu', 'suite on cpu', 'tensorflow', 'suite on tensorflow', 'wasm']);
  });

  it('skips native suites where there is no library, with the reason in the title', ({ task }) => {
    const skipped = task.file.tasks.filter(({ mode }) => mode === 'skip').map(({ name }) => name);
    const reason = '(needs native TensorFlow: no library on this machine)';
    expect(skipped).toEqual([`native suite ${reason}`, `suite on tensorflow ${reason}`]);
  });

  it('fails where there must be a library and none is found', async () => {
    vi.stubEnv('MOTLEY_REQUIRE_TENSORFLOW', '1');
    await expect(nativeGate(fail(notFound))).rejects.toThrow(
      'MOTLEY_REQUIRE_TENSORFLOW=1: expected a TensorFlow library, found none: no library on this machine',
    );
    await expect(nativeGate(() => 'started')).resolves.toMatchObject({ hasNative: true });
  });

  it.each([undefined, '1'])('fails where a library is found but does not start (required: %s)', async (required) => {
    vi.stubEnv('MOTLEY_REQUIRE_TENSORFLOW', required);
    const message = 'native TensorFlow is here but does not start: ';
    await expect(nativeGate(fail(damaged))).rejects.toThrow(`${message}libtensorflow.so.2: truncated`);
    await expect(nativeGate(fail(new TypeError('x is not a function')))).rejects.toThrow(
      `${message}x is not a function`,
    );
    const thrower = () => {
      throw new Error('opening failed', { cause: damaged });
    };
    await expect(nativeGate(thrower)).rejects.toThrow(`${message}opening failed`);
  });
});
