import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { chainOf } from './data.ts';
import demo from './demo.ts';
import { SymbolPredictor } from './model.ts';
import { predictNext } from './predict.ts';

const settings = config.resolve({
  set: ['data.states=3', 'data.delay=4', 'model.window=12', 'model.units=5', 'model.initialization=pytorch'],
});
const context = { signal: new AbortController().signal, emit: () => Promise.resolve() };

describe('the demo', () => {
  beforeAll(() => chooseBackend('cpu'));

  it("has the predictions of the system and the chain's own", async () => {
    const model = new SymbolPredictor(settings.model, 3, RandomStream.fromSeed(8));
    const loaded = await demo.load({ weights: model.stateDict(), config: settings, files: {} });
    const { predicted, expected } = await demo.run(loaded, { symbols: '0120 2110' }, context);
    const own = await predictNext(model, Int32Array.from([0, 1, 2, 0, 2, 1, 1, 0]));
    expect(predicted).toHaveLength(3);
    for (const { label, score } of predicted!) expect(score).toBe(own[Number(label)]);
    for (const { label, score } of expected!) expect(score).toBe(chainOf(settings.data).transitions[2]![Number(label)]);
    const short = await demo.run(loaded, { symbols: '' }, context);
    expect([short.predicted, short.deciding]).toEqual([[], 'No symbol yet: the delay is 4, the sequence has 0.']);
    await expect(demo.run(loaded, { symbols: '013' }, context)).rejects.toThrow('expected numbers from 0 to 2');
    demo.dispose!(loaded);
    model.dispose();
  });
});
