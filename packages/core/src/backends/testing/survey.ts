import { arrangements } from './arrangements.ts';
import type { Cases } from './case.ts';
import { coreOperations } from './core-operations.ts';
import { elementwise } from './elementwise.ts';
import { checkGradients, type GradientCheck } from './gradient-check.ts';
import { checkModule, modules } from './modules.ts';
import { optimizers, runOptimizer } from './optimizers.ts';
import { products } from './products.ts';
import { reductions } from './reductions.ts';

/** All cases tried on every backend, by group and name. */
export const survey: Readonly<Record<string, Readonly<Record<string, () => Promise<GradientCheck>>>>> = {
  "core's operations": checksOf(coreOperations),
  "core's modules": mapValues(modules, (create) => () => checkModule(create)),
  "core's optimizers": mapValues(optimizers, (create) => async () => ({
    results: [await runOptimizer(create)],
    error: 0,
  })),
  'element by element': checksOf(elementwise),
  'along axes': checksOf(reductions),
  'moving elements': checksOf(arrangements),
  'products and windows': checksOf(products),
};

function checksOf(cases: Cases) {
  return mapValues(cases, (each) => () => checkGradients(each));
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, of: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}
