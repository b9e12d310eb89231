import { expect, it } from 'vitest';
import { describeNative } from '../testing.ts';
import { formatDoctor } from './doctor-text.ts';
import { runDoctor } from './doctor.ts';
import { findLibrary } from './find.ts';
import { runProbe } from './run-probe.ts';

// Needs the library itself (`pnpm tensorflow install`); what a machine without one sees is in cli.test.ts.
describeNative('with the real library', () => {
  it('the probe lists its version and devices from another process', async () => {
    const { version, devices } = await runProbe(findLibrary());
    expect(version).toMatch(/^2\.\d+\.\d+/);
    expect(devices[0]).toMatchObject({ type: 'CPU', name: expect.stringMatching(/device:CPU:0$/) as string });
  });

  it('the doctor finds this machine usable, and reports its GPU or why it has none', async () => {
    const report = await runDoctor();
    expect(report).toMatchObject({ usable: true, library: { library: findLibrary().library } });
    expect(report.problem).toBeUndefined();
    expect(report.gpu.available).toBe(report.devices.some(({ type }) => type !== 'CPU'));
    if (!report.gpu.available) expect(report.gpu.reason).toBeTruthy();
    const text = formatDoctor(report);
    expect(text).toContain(`TensorFlow  ${report.library!.tensorflow!}`);
    expect(text).toContain(findLibrary().library);
  });
});
