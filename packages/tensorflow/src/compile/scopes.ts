import { fileURLToPath } from 'node:url';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { OperationRunner } from '../backend/tfjs-node.ts';
import { AttributeType } from '../c-api/attributes.ts';
import type { GraphNode } from './graph.ts';

/** The attribute that says where in the user's code a node comes from; TensorFlow ignores what begins with `_`. */
const SCOPE_ATTRIBUTE = '_scope';

/** @returns `Classifier.loss/Linear.forward`, where the node was recorded inside `recordScopes` */
export function scopeOf(node: GraphNode): string | undefined {
  return node.attributes.find(({ name }) => name === SCOPE_ATTRIBUTE)?.value as string | undefined;
}

/** From now to the end of the trace that is being recorded, nodes get the scope of the calls that made them. */
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

/** Names call sites: one function called from two places has two scopes. */
class Scopes {
  /** Of each scope and function, the places of the calls in it. */
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

/** The calls in the user's code, innermost first; a gradient's stand in its own scope. */
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
    // What called the compiled function is no part of it.
    if (isOurs && called.endsWith('.trace')) break;
  }
  return frames;
}
