import { expect, it } from 'vitest';
import { config } from './config.ts';
import { batches } from './study.ts';
import { labelTree } from './trees.ts';

it.each(Object.entries(batches.variants))(
  'the study has a valid configuration for %s',
  (_, { preset, config: own = {} }) => {
    const { data, model } = config.resolve({ preset, file: { name: 'study', text: JSON.stringify(own) } });
    const { members } = labelTree(data.kind, data.groups);
    // Branches cannot have batch normalization.
    expect(model.normalization === 'group' || members.length === 1).toBe(true);
  },
);
