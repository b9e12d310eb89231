import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { Backbone } from './backbone.ts';
import { ConvNext } from './convnext.ts';
import { authorsNames } from './names.ts';

/** Names of a run's checkpoint begin with it where they are the backbone's. */
const RUN_PREFIX = 'backbone.';

/**
 * Gives a backbone the weights of a file: those of a ConvNeXt by the names of its authors, timm or torchvision, of
 * torchvision's ResNet, or of a run's checkpoint. A last layer of another size, such as ImageNet's classes, is left out, so
 * that the backbone keeps its own. The caller keeps ownership of the tensors.
 * @param where the file, for messages
 * @throws UserError naming the file where it has another network's weights
 */
export function loadBackbone(backbone: Backbone, given: Readonly<Record<string, tf.Tensor>>, where: string): void {
  const ofRun = Object.entries(given).filter(([name]) => name.startsWith(RUN_PREFIX));
  const entries =
    ofRun.length > 0
      ? ofRun.map(([name, value]) => [name.slice(RUN_PREFIX.length), value] as const)
      : Object.entries(given);
  const names =
    backbone instanceof ConvNext
      ? authorsNames(
          entries.map(([name]) => name),
          where,
        )
      : new Map(entries.map(([name]) => [name, name]));
  tf.tidy(() => {
    const own = backbone.stateDict();
    const isHead = (name: string) => name.startsWith(`${backbone.headName}.`);
    const state = Object.fromEntries(
      entries.map(([name, value]) => {
        const known = names.get(name)!;
        // torchvision stores a layer scale as [C, 1, 1].
        return [known, known.endsWith('.gamma') ? tf.reshape(value, [-1]) : value];
      }),
    );
    for (const [name, value] of Object.entries(own)) {
      const found = state[name];
      const fits = found?.shape.join() === value.shape.join();
      if (isHead(name) && !fits) state[name] = value;
    }
    try {
      backbone.loadStateDict(state);
    } catch (error) {
      throw new UserError(`${where}: expected weights of this network, found others: ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
}
