import type { PbfReader } from 'pbf';
import { readMessage } from '../c-api/proto.ts';

/** An input argument of an operation, and the attribute that holds its length if it is a list. */
export interface OperationArgument {
  name: string;
  /** The attribute that holds a list's length (`N`), where the argument is a list of one type. */
  lengthAttribute: string | undefined;
  /** The attribute that holds a list's types, where the argument is a list of several. */
  typesAttribute: string | undefined;
}

/** Reads the input arguments of a serialized `OpDef` (tensorflow/core/framework/op_def.proto). */
export function inputArguments(definition: Uint8Array): OperationArgument[] {
  return readMessage(definition, readOperation, []);
}

function readOperation(field: number, result: OperationArgument[], pbf: PbfReader): void {
  if (field !== 2) return; // input_arg
  result.push(pbf.readMessage(readArgument, { name: '', lengthAttribute: undefined, typesAttribute: undefined }));
}

function readArgument(field: number, argument: OperationArgument, pbf: PbfReader): void {
  if (field === 1) argument.name = pbf.readString();
  else if (field === 5)
    argument.lengthAttribute = pbf.readString(); // number_attr
  else if (field === 6) argument.typesAttribute = pbf.readString(); // type_list_attr
}
