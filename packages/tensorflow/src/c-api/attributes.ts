import type { CApi } from './declarations.ts';
import { addressesOf, cString, freeMemory } from './memory.ts';
import { encodeMessage, integerField, messageField } from './proto.ts';
import type { Status } from './status.ts';
import type { Pointer } from './types.ts';

/** Kinds of attribute value, with the numbers of tfjs-node's binding. Only `function` is Motley's own. */
export const AttributeType = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  resource: 9,
  function: 10,
} as const;

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** Sets attributes of eager operations or of operations in a graph: the C functions differ only in their names. */
export class AttributeSetter {
  readonly #api: CApi;
  readonly #status: Status;
  readonly #isEager: boolean;

  constructor(api: CApi, status: Status, target: 'eager' | 'graph') {
    this.#api = api;
    this.#status = status;
    this.#isEager = target === 'eager';
  }

  /** @throws TensorFlowError where the operation has no such attribute */
  setAll(operation: Pointer, operationName: string, attributes: readonly Attribute[]): void {
    for (const attribute of attributes) this.#set(operation, operationName, attribute);
  }

  #set(operation: Pointer, operationName: string, { name, type, value }: Attribute): void {
    const api = this.#api;
    const isEager = this.#isEager;
    const list = Array.isArray(value) ? (value as unknown[]) : undefined;
    switch (type) {
      case AttributeType.string:
        if (list === undefined) {
          const bytes = typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
          (isEager ? api.TFE_OpSetAttrString : api.TF_SetAttrString)(operation, name, bytes, bytes.length);
        } else this.#setStrings(operation, name, list as string[]);
        break;
      case AttributeType.int:
        if (list === undefined) (isEager ? api.TFE_OpSetAttrInt : api.TF_SetAttrInt)(operation, name, value as number);
        else {
          const set = isEager ? api.TFE_OpSetAttrIntList : api.TF_SetAttrIntList;
          set(operation, name, int64List(list as number[]), list.length);
        }
        break;
      case AttributeType.float:
        if (list === undefined) {
          (isEager ? api.TFE_OpSetAttrFloat : api.TF_SetAttrFloat)(operation, name, value as number);
        } else {
          const set = isEager ? api.TFE_OpSetAttrFloatList : api.TF_SetAttrFloatList;
          set(operation, name, Float32Array.from(list as number[]), list.length);
        }
        break;
      case AttributeType.bool:
        (isEager ? api.TFE_OpSetAttrBool : api.TF_SetAttrBool)(operation, name, value ? 1 : 0);
        break;
      case AttributeType.type:
        if (list === undefined) {
          (isEager ? api.TFE_OpSetAttrType : api.TF_SetAttrType)(operation, name, value as number);
        } else {
          const set = isEager ? api.TFE_OpSetAttrTypeList : api.TF_SetAttrTypeList;
          set(operation, name, Int32Array.from(list as number[]), list.length);
        }
        break;
      case AttributeType.shape:
        if (Array.isArray(list![0])) this.#setShapes(operation, operationName, name, list as number[][]);
        else this.#setShape(operation, operationName, name, list as number[]);
        break;
      case AttributeType.function: {
        const functionName = value as string;
        const set = isEager ? api.TFE_OpSetAttrFunctionName : api.TF_SetAttrFuncName;
        set(operation, name, functionName, Buffer.byteLength(functionName));
        break;
      }
      default:
        throw new TypeError(`${operationName}: attribute ${name} has unknown type ${type}`);
    }
  }

  #setStrings(operation: Pointer, name: string, strings: readonly string[]): void {
    const lengths = int64List(strings.map((string) => Buffer.byteLength(string)));
    const pointers = strings.map(cString);
    const set = this.#isEager ? this.#api.TFE_OpSetAttrStringList : this.#api.TF_SetAttrStringList;
    set(operation, name, addressesOf(pointers), lengths, strings.length);
    pointers.forEach(freeMemory);
  }

  #setShape(operation: Pointer, operationName: string, name: string, shape: readonly number[]): void {
    const dimensions = int64List(shape);
    if (!this.#isEager) {
      this.#api.TF_SetAttrShape(operation, name, dimensions, shape.length);
      return;
    }
    this.#api.TFE_OpSetAttrShape(operation, name, dimensions, shape.length, this.#status.pointer);
    this.#status.check(operationName);
  }

  /**
   * Sets a list of shapes, which only operations in a graph have, as `AttrValue`
   * (tensorflow/core/framework/attr_value.proto).
   */
  #setShapes(operation: Pointer, operationName: string, name: string, shapes: readonly number[][]): void {
    const dimension = (size: number) => messageField(2, [integerField(1, size)]);
    const list = shapes.map((shape) => messageField(7, shape.map(dimension)));
    const value = encodeMessage([messageField(1, list)]);
    this.#api.TF_SetAttrValueProto(operation, name, value, value.length, this.#status.pointer);
    this.#status.check(operationName);
  }
}

function int64List(values: readonly number[]): BigInt64Array {
  return BigInt64Array.from(values, BigInt);
}
