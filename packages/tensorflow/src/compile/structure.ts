import { Tensor } from '@tensorflow/tfjs-core';

/** The tensors of a structure, in order, and a text of all the rest, which is equal for equal structures. */
interface Flattened {
  readonly tensors: Tensor[];
  readonly skeleton: string;
}

/**
 * @param shapeOf the shape that stands for a tensor in the skeleton
 * @throws TypeError naming the place of a value that is not a tensor, a plain value, an array or a record
 */
export function flatten(
  value: unknown,
  what: string,
  shapeOf: (tensor: Tensor) => readonly number[] = ({ shape }) => shape,
): Flattened {
  const tensors: Tensor[] = [];
  const walk = (part: unknown, path: string): string => {
    if (part instanceof Tensor) {
      tensors.push(part as Tensor);
      return `${part.dtype}[${shapeOf(part as Tensor)}]`;
    }
    if (Array.isArray(part)) return `[${part.map((item, index) => walk(item, `${path}[${index}]`)).join()}]`;
    if (part === null || ['number', 'string', 'boolean', 'undefined'].includes(typeof part)) {
      return typeof part === 'string' ? JSON.stringify(part) : Object.is(part, -0) ? '-0' : String(part);
    }
    if (typeof part === 'object' && isRecord(part)) {
      const entries = Object.entries(part).map(
        ([key, item]) => `${JSON.stringify(key)}:${walk(item, `${path}.${key}`)}`,
      );
      return `{${entries.join()}}`;
    }
    throw new TypeError(`${path}: expected tensors, plain values, arrays and records of them, got ${nameOf(part)}`);
  };
  const skeleton = walk(value, what);
  return { tensors, skeleton };
}

/** The same structure with other tensors, in order. */
export function replaceTensors<T>(value: T, tensors: Iterable<Tensor>): T {
  const source = tensors[Symbol.iterator]();
  const walk = (part: unknown): unknown => {
    if (part instanceof Tensor) return source.next().value;
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === 'object' && part !== null) {
      return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item)]));
    }
    return part;
  };
  return walk(value) as T;
}

function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : typeof value;
}
