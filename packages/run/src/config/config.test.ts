import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineConfig, type ConfigOf } from './config.ts';
import { ConfigError, UserError } from './errors.ts';

const definition = defineConfig(
  z.strictObject({
    model: z.strictObject({
      kind: z.enum(['dense', 'convolutional']).default('dense').describe('the paper'),
      latentSize: z.int().min(1).default(20).describe('the paper'),
      hiddenSizes: z.array(z.int().min(1)).default([512]).describe('the paper'),
      dropout: z.number().min(0).lt(1).nullable().default(null).describe('off'),
      bias: z.boolean().default(true).describe('usual'),
      name: z.string().default('vae').describe('a name'),
      note: z.string().nullable().default(null).describe('none'),
    }),
    training: z.strictObject({
      epochs: z.int().min(1).default(10).describe('as PyTorch'),
      steps: z.int().min(1).nullable().default(null).describe('as many as the epochs take'),
      batchSize: z.int().min(1).default(128).describe('as PyTorch'),
      learningRate: z.number().positive().default(1e-3).describe('as PyTorch'),
      seed: z.int().min(0).default(0).describe('any'),
    }),
  }),
  {
    presets: {
      convolutional: {
        description: 'convolutions',
        config: { model: { kind: 'convolutional', hiddenSizes: [32, 64] } },
      },
    },
    fast: { training: { epochs: 1 } },
  },
);

const messageOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toBeInstanceOf(UserError);
    const { message } = error as Error;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('expected a ConfigError, got none');
};
const setting = (...set: string[]): string => messageOf(() => definition.resolve({ set }));

describe('resolve', () => {
  it('returns the full record of defaults', () => {
    const config = definition.resolve();
    expectTypeOf(config.model.kind).toEqualTypeOf<'dense' | 'convolutional'>();
    expectTypeOf<ConfigOf<typeof definition>['training']['steps']>().toEqualTypeOf<number | null>();
    expect(config.model).toEqual({
      kind: 'dense',
      latentSize: 20,
      hiddenSizes: [512],
      dropout: null,
      bias: true,
      name: 'vae',
      note: null,
    });
    expect(config.training.batchSize).toBe(128);
  });

  it('applies preset, file, fast and set in that order', () => {
    const config = definition.resolve({
      preset: 'convolutional',
      file: { name: 'a.json', text: '{"model":{"hiddenSizes":[8],"latentSize":2},"training":{"epochs":7,"seed":3}}' },
      fast: true,
      set: ['model.latentSize=4'],
    });
    expect(config.model).toMatchObject({ kind: 'convolutional', hiddenSizes: [8], latentSize: 4 });
    expect(config.training).toMatchObject({ epochs: 1, seed: 3 });
    expect(definition.resolve({ fast: true, set: ['training.epochs=5'] }).training.epochs).toBe(5);
  });

  it('returns records that share no objects', () => {
    definition.resolve().model.hiddenSizes.push(1);
    expect(definition.resolve().model.hiddenSizes).toEqual([512]);
  });

  it.each([
    ['model.latentSize=2', { latentSize: 2 }],
    ['model.kind=convolutional', { kind: 'convolutional' }],
    ['model.bias=false', { bias: false }],
    ['model.hiddenSizes=4, 8', { hiddenSizes: [4, 8] }],
    ['model.hiddenSizes=[4,8]', { hiddenSizes: [4, 8] }],
    ['model.dropout=1e-1', { dropout: 0.1 }],
    ['model.dropout=null', { dropout: null }],
    ['model.latentSize= 3 ', { latentSize: 3 }],
    ['model.name= a text ', { name: ' a text ' }],
    ['model.note=some', { note: 'some' }],
    ['model.note=null', { note: null }],
    ['model.name=a=b', { name: 'a=b' }],
  ])('coerces %s by the field', (set, expected) => {
    expect(definition.resolve({ set: [set] }).model).toMatchObject(expected);
  });

  it.each(['abc', '1e', '', ' ', '0x10', 'Infinity', 'NaN', '1,5', '-1', '0'])(
    'refuses a learning rate of "%s"',
    (text) => {
      expect(
        messageOf(() =>
          definition.resolve({ set: [{ flag: '--learning-rate', path: 'training.learningRate', text }] }),
        ),
      ).toBe(`--learning-rate: training.learningRate expected a number above 0, got "${text}"`);
    },
  );

  it('reports the key, the source, the expected type and the value in one line', () => {
    expect(setting('model.latentSise=2')).toBe(
      '--set: unknown key "model.latentSise"; did you mean "model.latentSize"?',
    );
    expect(setting('latentSize=2')).toBe('--set: unknown key "latentSize"; did you mean "model.latentSize"?');
    expect(setting('model.latentSize=2.5')).toBe(
      '--set: model.latentSize expected an integer of at least 1, got "2.5"',
    );
    expect(setting('model.kind=densee')).toBe('--set: model.kind expected one of dense, convolutional, got "densee"');
    expect(setting('model.bias=yes')).toBe('--set: model.bias expected true or false, got "yes"');
    expect(setting('model.dropout=1')).toBe(
      '--set: model.dropout expected a number of at least 0 and below 1 or null, got "1"',
    );
    expect(setting('model.hiddenSizes=4,x')).toBe(
      '--set: model.hiddenSizes expected a list, each an integer of at least 1, got "4,x"',
    );
    expect(setting('model=2')).toContain('--set: "model" holds several fields; expected one of model.kind');
    expect(setting('novalue')).toBe('--set: expected key.path=value, got "novalue"');
    expect(messageOf(() => definition.resolve({ preset: 'convolutionl' }))).toBe(
      '--preset: unknown preset "convolutionl"; did you mean "convolutional"?',
    );
  });

  it('names the invalid file', () => {
    const file = (text: string): string => messageOf(() => definition.resolve({ file: { name: 'a.json', text } }));
    expect(file('{"model":{"kind":3}}')).toBe('a.json: model.kind expected one of dense, convolutional, got 3');
    expect(file('{"modle":{"kind":"dense"}}')).toBe('a.json: unknown key "modle"; did you mean "model"?');
    expect(file('{"training":{"batchSize":"128"}}')).toBe(
      'a.json: training.batchSize expected an integer of at least 1, got "128"',
    );
    expect(file('{"model":[1]}')).toBe('a.json: expected an object for model, got [1]');
    expect(file('[]')).toBe('a.json: expected an object, got []');
    expect(file('{')).toMatch(/^a\.json: expected JSON, got /);
    expect(file('['.repeat(65))).toBe('a.json: expected a configuration nested at most 64 levels deep, found more');
    expect(file('{"__proto__":{"kind":"dense"}}')).toContain('unknown key "__proto__"');
  });
});

describe('defineConfig', () => {
  it('refuses a field without default or reason, and a lenient object', () => {
    const define = (schema: z.ZodObject) => () => defineConfig(schema, { fast: {} });
    expect(define(z.strictObject({ a: z.int().describe('why') }))).toThrow(
      'config field "a": expected .default(value)',
    );
    expect(define(z.strictObject({ b: z.strictObject({ a: z.int().default(1) }) }))).toThrow(
      `config field "b.a": expected .describe('why this default')`,
    );
    expect(define(z.object({ a: z.int().default(1).describe('why') }))).toThrow('expected z.strictObject');
  });

  it('refuses a preset that does not fit the schema', () => {
    const schema = z.strictObject({ size: z.int().min(1).default(1).describe('why') });
    expect(() =>
      defineConfig(schema, { presets: { none: { description: 'x', config: { size: 0 } } }, fast: {} }),
    ).toThrow('preset "none": size expected an integer of at least 1, got 0');
  });

  it('lets the schema relate fields', () => {
    const related = defineConfig(
      z
        .strictObject({ low: z.int().default(1).describe('w'), high: z.int().default(2).describe('w') })
        .refine(({ low, high }) => low < high, { message: 'low expected below high', path: ['low'] }),
      { fast: {} },
    );
    expect(messageOf(() => related.resolve({ set: ['low=3'] }))).toBe('config: low: low expected below high');
  });
});
