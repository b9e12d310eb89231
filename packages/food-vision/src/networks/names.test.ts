import { RandomStream, zeros } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ARCHITECTURE_NAMES } from '../architectures.ts';
import { createNetwork } from '../model.ts';
import { renamed } from '../transfer/weights.ts';
import { EfficientNet } from './efficient-net.ts';
import timm from './names.reference.json' with { type: 'json' };
import { layerNames } from './names.ts';
import twins from './reference.json' with { type: 'json' };

const options = { classes: 3, random: RandomStream.fromSeed(0), initializer: zeros } as const;

describe.each(ARCHITECTURE_NAMES)('%s', (architecture) => {
  beforeAll(() => chooseBackend('cpu'));

  it("takes timm's names and its own, and has its published number of parameters", () => {
    tf.tidy(() => {
      const model = createNetwork(architecture, options);
      const own = Object.keys(model.stateDict());
      const shapes = Object.entries(model.stateDict()).map(([name, { shape }]) => [name, shape]);
      expect(Object.fromEntries(shapes)).toEqual(twins[architecture].shapes);
      expect(model.parameterCount()).toBe(twins[architecture].parameters);
      const one = tf.scalar(1);
      for (const names of [timm[architecture], own]) {
        const given = Object.fromEntries(names.map((name) => [name, one]));
        expect(Object.keys(renamed(given, model)).sort()).toEqual(own.toSorted());
      }
      if (!(model instanceof EfficientNet)) return;
      const torchvision = layerNames('torchvision', model.places);
      const given = Object.fromEntries(torchvision.map((name) => [`${name}.weight`, one]));
      expect(Object.keys(renamed(given, model))).toEqual(
        layerNames(model.naming, model.places).map((name) => `${name}.weight`),
      );
    });
  });
});

it('has the numbers of parameters and weights that torchvision and its paper give', () => {
  expect(twins['efficientnet-b2'].parameters).toBe(7_705_221);
  expect(twins['vit-b-16'].parameters).toBe(85_800_963);
  expect(Object.keys(twins['efficientnet-b2'].shapes)).toHaveLength(508);
  expect(Object.keys(twins['vit-b-16'].shapes)).toHaveLength(152);
  // With ImageNet's 1,000 classes, as published.
  expect(twins['efficientnet-lite0'].parameters + 997 * 1281).toBe(4_652_008);
});
