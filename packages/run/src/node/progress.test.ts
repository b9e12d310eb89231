import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { progressDisplay, type ProgressStream } from './progress.ts';

function sink(isTTY: boolean): { readonly stream: ProgressStream; readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  // Methods of a terminal that cli-progress uses.
  const terminal = { isTTY, columns: 200, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  return { stream: Object.assign(stream, terminal), text: () => text };
}
const at = (step: number) => ({
  step,
  steps: 1000,
  epoch: 1,
  epochs: 10,
  samplesPerSecond: 5123.4,
  metrics: { loss: 101.23456 },
});

describe('progressDisplay', () => {
  it('writes a line every few seconds without a terminal', () => {
    const { stream, text } = sink(false);
    let now = 0;
    const display = progressDisplay(stream, () => now);
    for (let step = 0; step <= 100; step++) {
      now = step * 100;
      display.onProgress!(at(step));
    }
    display.stop();
    expect(text().trim().split('\n')).toEqual([
      'epoch 1/10 · step 0/1000 · 5123 samples/s · ? left · loss 101.23',
      'epoch 1/10 · step 50/1000 · 5123 samples/s · 1 min 35 s left · loss 101.23',
      'epoch 1/10 · step 100/1000 · 5123 samples/s · 1 min 30 s left · loss 101.23',
    ]);
  });

  it('estimates the time left from this process alone, in suitable units', () => {
    const { stream, text } = sink(false);
    let now = 0;
    const display = progressDisplay(stream, () => now);
    display.onProgress!(at(900));
    now = 60_000;
    display.onProgress!(at(901));
    now = 120_000;
    display.onProgress!(at(998));
    expect(text()).toContain('1 h 39 min left');
    expect(text()).toContain(' 2 s left');
  });

  it('draws a bar on a terminal', () => {
    const { stream, text } = sink(true);
    const display = progressDisplay(stream, () => 0);
    display.onProgress!(at(500));
    display.onProgress!(at(750));
    display.stop();
    expect(text()).toContain('epoch 1/10 ████████████░░░░░░░░░░░░ 50% · 5123 samples/s · ? left · loss 101.23');
  });
});
