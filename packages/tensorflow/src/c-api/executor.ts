import type { CApi } from './declarations.ts';
import { Scratch, addressesOf, cString, freeMemory } from './memory.ts';
import type { Status } from './status.ts';
import type { Pointer } from './types.ts';

/** The kinds of attribute value, by the numbers of tfjs-node's binding. */
export const AttributeType = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5, resource: 9 } as const;

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** An operation's attributes, set once on an operation that never runs, and copied from it by later calls. */
interface Template {
  readonly attributes: readonly Attribute[];
  readonly operation: Pointer;
  readonly nativeAttributes: Pointer;
}

interface OperationKind {
  /** The name as a C string. */
  readonly name: Pointer;
  readonly templates: Template[];
}

const maximumOutputs = 256;
/** Attributes that differ on every call (a seed, a shape) must not pile up. */
const maximumTemplates = 32;

/** Runs single operations. One native operation object is reused for all of them, so that a call allocates nothing. */
export class Executor {
  private readonly api: CApi;
  private readonly status: Status;
  private readonly context: Pointer;
  private readonly kinds = new Map<string, OperationKind>();
  private readonly operation: Pointer;
  private readonly outputs = new Scratch(maximumOutputs);
  private readonly outputCount = new Scratch(1);
  private readonly deviceNames = new Map<string, Pointer>();
  private device: Pointer | null = null;

  constructor(api: CApi, status: Status, context: Pointer) {
    this.api = api;
    this.status = status;
    this.context = context;
    this.operation = api.TFE_NewOp(context, 'NoOp', status.pointer);
    status.check('NoOp');
  }

  /** Places the operations that `body` runs on `device` (`/device:CPU:1`). */
  withDevice<T>(device: string, body: () => T): T {
    const previous = this.device;
    let name = this.deviceNames.get(device);
    if (name === undefined) this.deviceNames.set(device, (name = cString(device)));
    this.device = name;
    try {
      return body();
    } finally {
      this.device = previous;
    }
  }

  /**
   * Runs an operation. Its results are read with `output` before the next call.
   *
   * @param inputs tensor handles, lists flattened
   * @param outputs how many results there are at most
   * @returns how many there are
   * @throws TensorFlowError with the operation's name
   */
  run(name: string, attributes: readonly Attribute[], inputs: readonly Pointer[], outputs: number): number {
    const { api, operation, status } = this;
    if (outputs > maximumOutputs) throw new RangeError(`${name}: ${outputs} outputs, at most ${maximumOutputs}`);
    const kind = this.kindOf(name);
    api.TFE_OpReset(operation, kind.name, this.device, status.pointer);
    status.check(name);
    if (attributes.length > 0) {
      api.TFE_OpAddAttrs(operation, this.templateOf(name, kind, attributes).nativeAttributes);
    }
    for (const input of inputs) api.TFE_OpAddInput(operation, input, status.pointer);
    status.check(name);
    this.outputCount.setInteger(0, outputs);
    api.TFE_Execute(operation, this.outputs.pointer, this.outputCount.pointer, status.pointer);
    status.check(name);
    return this.outputCount.integer(0);
  }

  /** The handle of result `index` of the last operation; the caller owns it. */
  output(index: number): number {
    return this.outputs.address(index);
  }

  close(): void {
    for (const { templates } of this.kinds.values()) {
      for (const { operation } of templates) this.api.TFE_DeleteOp(operation);
    }
    this.kinds.clear();
    this.api.TFE_DeleteOp(this.operation);
  }

  private kindOf(name: string): OperationKind {
    let kind = this.kinds.get(name);
    if (kind === undefined) this.kinds.set(name, (kind = { name: cString(name), templates: [] }));
    return kind;
  }

  private templateOf(name: string, kind: OperationKind, attributes: readonly Attribute[]): Template {
    const { templates } = kind;
    for (const template of templates) if (sameAttributes(template.attributes, attributes)) return template;
    const operation = this.api.TFE_NewOp(this.context, name, this.status.pointer);
    this.status.check(name);
    for (const attribute of attributes) this.setAttribute(operation, name, attribute);
    const template = {
      attributes: attributes.map(copyAttribute),
      operation,
      nativeAttributes: this.api.TFE_OpGetAttrs(operation),
    };
    templates.unshift(template);
    if (templates.length > maximumTemplates) this.api.TFE_DeleteOp(templates.pop()!.operation);
    return template;
  }

  private setAttribute(operation: Pointer, operationName: string, { name, type, value }: Attribute): void {
    const { api, status } = this;
    switch (type) {
      case AttributeType.string: {
        if (Array.isArray(value)) {
          const strings = value as string[];
          const lengths = int64List(strings.map((string) => Buffer.byteLength(string)));
          const pointers = strings.map(cString);
          api.TFE_OpSetAttrStringList(operation, name, addressesOf(pointers), lengths, strings.length);
          pointers.forEach(freeMemory);
          break;
        }
        const bytes = typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
        api.TFE_OpSetAttrString(operation, name, bytes, bytes.length);
        break;
      }
      case AttributeType.int:
        if (Array.isArray(value)) {
          api.TFE_OpSetAttrIntList(operation, name, int64List(value as number[]), value.length);
        } else api.TFE_OpSetAttrInt(operation, name, value as number);
        break;
      case AttributeType.float:
        if (Array.isArray(value)) {
          api.TFE_OpSetAttrFloatList(operation, name, Float32Array.from(value as number[]), value.length);
        } else api.TFE_OpSetAttrFloat(operation, name, value as number);
        break;
      case AttributeType.bool:
        api.TFE_OpSetAttrBool(operation, name, value ? 1 : 0);
        break;
      case AttributeType.type:
        if (Array.isArray(value)) {
          api.TFE_OpSetAttrTypeList(operation, name, Int32Array.from(value as number[]), value.length);
        } else api.TFE_OpSetAttrType(operation, name, value as number);
        break;
      case AttributeType.shape: {
        const shape = value as number[];
        api.TFE_OpSetAttrShape(operation, name, int64List(shape), shape.length, status.pointer);
        status.check(operationName);
        break;
      }
      default:
        throw new TypeError(`${operationName}: attribute ${name} has unknown type ${type}`);
    }
  }
}

function int64List(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}

function copyAttribute({ name, type, value }: Attribute): Attribute {
  return { name, type, value: Array.isArray(value) ? (value.slice() as unknown) : value };
}

function sameAttributes(a: readonly Attribute[], b: readonly Attribute[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x.name !== y.name || x.type !== y.type) return false;
    if (x.value !== y.value && !sameList(x.value, y.value)) return false;
  }
  return true;
}

function sameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
