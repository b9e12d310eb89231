import { describe, expect, it } from 'vitest';
import { formatDoctor } from './doctor-text.ts';
import { runDoctor } from './doctor.ts';
import { findLibrary } from './find.ts';
import type { LibraryLocation } from './location.ts';
import { runProbe } from './run-probe.ts';

function realLibrary(): LibraryLocation | undefined {
  try {
    return findLibrary();
  } catch {
    return undefined;
  }
}

const library = realLibrary();

// Needs the library itself (`pnpm tensorflow install`). A machine without one is tested in cli.test.ts.
describe.runIf(library !== undefined)('with the real library', () => {
  it('the probe reports version and devices from another process', async () => {
    const { version, devices } = await runProbe(library!);
    expect(version).toMatch(/^2\.\d+\.\d+/);
    expect(devices[0]).toMatchObject({ type: 'CPU', name: expect.stringMatching(/device:CPU:0$/) as string });
  });

  it('the doctor finds this machine usable, and reports its GPU or why it has none', async () => {
    const report = await runDoctor();
    expect(report).toMatchObject({ usable: true, library: { library: library!.library } });
    expect(report.problem).toBeUndefined();
    expect(report.gpu.available).toBe(report.devices.some(({ type }) => type !== 'CPU'));
    if (!report.gpu.available) expect(report.gpu.reason).toBeTruthy();
    const text = formatDoctor(report);
    expect(text).toContain(`TensorFlow  ${report.library!.tensorflow!}`);
    expect(text).toContain(library!.library);
  });
});
