import { fileURLToPath } from 'node:url';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { OperationRunner } from '../backend/operation-runner.ts';
import { AttributeType } from '../c-api/attributes.ts';
import type { GraphNode } from './graph.ts';

/** The attribute that holds a node's scope. TensorFlow ignores attributes whose name begins with `_`. */
const SCOPE_ATTRIBUTE = '_scope';

/** @returns the node's scope, `Classifier.loss/Linear.forward`; undefined where none was recorded */
export function scopeOf(node: GraphNode): string | undefined {
  return node.attributes.find(({ name }) => name === SCOPE_ATTRIBUTE)?.value as string | undefined;
}

/** Gives nodes the scope of the user's calls that make them, until the current trace ends. */
export function recordScopes(backend: TensorFlowBackend): void {
  const tracer = backend.operations;
  const scopes = new Scopes();
  const scoped: OperationRunner = {
    run(name, attributes, inputs, outputs) {
      const scope = scopes.of(new Error());
      const mark = { name: SCOPE_ATTRIBUTE, type: AttributeType.string, value: scope };
      return tracer.run(name, scope === '' ? attributes : [...attributes, mark], inputs, outputs);
    },
    output: (index) => tracer.output(index),
  };
  backend.operations = scoped;
}

interface Frame {
  readonly name: string;
  readonly place: string;
}

/** Names call sites. A function that is called from two places has two scopes. */
class Scopes {
  /** Places of calls, by scope and called function. */
  readonly #places = new Map<string, string[]>();

  of(origin: Error): string {
    let scope = '';
    let calledFrom = '';
    for (const { name, place } of framesOf(origin).reverse()) {
      const key = `${scope}/${name}`;
      const places = this.#places.get(key) ?? [];
      if (!places.includes(calledFrom)) places.push(calledFrom);
      this.#places.set(key, places);
      const number = places.indexOf(calledFrom);
      scope = `${scope}${scope === '' ? '' : '/'}${name}${number === 0 ? '' : `_${number}`}`;
      calledFrom = place;
    }
    return scope;
  }
}

const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** The calls in the user's code, innermost first. The backward pass has a scope of its own. */
function framesOf(origin: Error): Frame[] {
  const frames: Frame[] = [];
  for (const line of (origin.stack ?? '').split('\n').slice(1)) {
    const match = /^\s*at (?:async )?(?:(.+?) )?\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(line);
    if (match === null) continue;
    const [, called = '', place] = match as unknown as [string, string | undefined, string];
    const file = place.startsWith('file://') ? fileURLToPath(place) : place;
    const isOurs = file.startsWith(OWN_FOLDER) && !/\.test\.ts:\d+:\d+$/.test(file);
    if (called.includes('backpropagateGradients')) frames.push({ name: 'gradients', place });
    else if (!isOurs && !/node_modules|^node:/.test(file)) {
      const name = called.replace(/^(?:new |get )?(?:Object\.)?/, '').replace(/ \[as .*\]$/, '');
      if (/^[\w$]+(?:\.[\w$]+)*$/.test(name)) frames.push({ name: name.replaceAll('$', '_'), place });
    }
    // The callers of the compiled function are not part of it.
    if (isOurs && called.endsWith('.trace')) break;
  }
  return frames;
}
