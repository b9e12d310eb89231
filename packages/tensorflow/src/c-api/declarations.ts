import koffi from '../koffi.ts';
import type { Pointer } from './types.ts';

/** `TF_Output`: an operation in a graph and the index of one of its results. */
export interface OperationOutput {
  readonly oper: Pointer;
  readonly index: number;
}

koffi.struct('TF_Output', { oper: 'void*', index: 'int' });

/** A C prototype with the TypeScript type of the function that koffi makes of it. */
interface Declaration<F extends (...values: never[]) => unknown> {
  readonly prototype: string;
  /** Carries the type only; never set. */
  readonly type?: F;
}

function c<F extends (...values: never[]) => unknown>(prototype: string): Declaration<F> {
  return { prototype };
}

/** A `void*` argument: an address, a typed array (its memory, not a copy), or null. */
export type Memory = Pointer | NodeJS.ArrayBufferView | null;

/**
 * The TensorFlow functions that Motley calls, from
 * tensorflow/c/{c_api,tf_status,tf_tensor,tf_tstring,c_api_experimental}.h and
 * tensorflow/c/eager/{c_api,c_api_experimental}.h. Out parameters are plain memory, so that no call allocates.
 */
export const DECLARATIONS = {
  // Status
  TF_NewStatus: c<() => Pointer>('void* TF_NewStatus()'),
  TF_DeleteStatus: c<(status: Pointer) => void>('void TF_DeleteStatus(void*)'),
  TF_SetStatus: c<(status: Pointer, code: number, message: string) => void>('void TF_SetStatus(void*, int, str)'),
  TF_GetCode: c<(status: Pointer) => number>('int TF_GetCode(void*)'),
  TF_Message: c<(status: Pointer) => string>('str TF_Message(void*)'),

  // Library
  TF_Version: c<() => string>('str TF_Version()'),
  TF_LoadPluggableDeviceLibrary: c<(path: string, status: Pointer) => Pointer>(
    'void* TF_LoadPluggableDeviceLibrary(str, void*)',
  ),
  TF_DeleteBuffer: c<(buffer: Pointer) => void>('void TF_DeleteBuffer(void*)'),
  TF_NewBuffer: c<() => Pointer>('void* TF_NewBuffer()'),

  // Tensors
  TF_AllocateTensor: c<(dataType: number, dimensions: Memory, rank: number, bytes: number) => Pointer>(
    'void* TF_AllocateTensor(int, void*, int, size_t)',
  ),
  TF_DeleteTensor: c<(tensor: Pointer) => void>('void TF_DeleteTensor(void*)'),
  TF_TensorData: c<(tensor: Pointer) => Pointer>('void* TF_TensorData(void*)'),
  TF_TensorByteSize: c<(tensor: Pointer) => number>('size_t TF_TensorByteSize(void*)'),
  TF_TensorElementCount: c<(tensor: Pointer) => number>('int64_t TF_TensorElementCount(void*)'),

  // Strings (TF_TString, 24 bytes each)
  TF_StringInit: c<(string: Pointer) => void>('void TF_StringInit(void*)'),
  TF_StringCopy: c<(destination: Pointer, source: Memory, bytes: number) => void>(
    'void TF_StringCopy(void*, void*, size_t)',
  ),
  TF_StringGetDataPointer: c<(string: Pointer) => Pointer>('void* TF_StringGetDataPointer(void*)'),
  TF_StringGetSize: c<(string: Pointer) => number>('size_t TF_StringGetSize(void*)'),
  TF_StringDealloc: c<(string: Pointer) => void>('void TF_StringDealloc(void*)'),

  // Eager context
  TFE_NewContextOptions: c<() => Pointer>('void* TFE_NewContextOptions()'),
  TFE_DeleteContextOptions: c<(options: Pointer) => void>('void TFE_DeleteContextOptions(void*)'),
  TFE_ContextOptionsSetConfig: c<(options: Pointer, proto: Memory, bytes: number, status: Pointer) => void>(
    'void TFE_ContextOptionsSetConfig(void*, void*, size_t, void*)',
  ),
  TFE_ContextOptionsSetDevicePlacementPolicy: c<(options: Pointer, policy: number) => void>(
    'void TFE_ContextOptionsSetDevicePlacementPolicy(void*, int)',
  ),
  TFE_NewContext: c<(options: Pointer, status: Pointer) => Pointer>('void* TFE_NewContext(void*, void*)'),
  TFE_DeleteContext: c<(context: Pointer) => void>('void TFE_DeleteContext(void*)'),
  TFE_ContextListDevices: c<(context: Pointer, status: Pointer) => Pointer>(
    'void* TFE_ContextListDevices(void*, void*)',
  ),
  TFE_SetLogicalCpuDevices: c<(context: Pointer, count: number, prefix: string, status: Pointer) => void>(
    'void TFE_SetLogicalCpuDevices(void*, int, str, void*)',
  ),
  TF_DeleteDeviceList: c<(list: Pointer) => void>('void TF_DeleteDeviceList(void*)'),
  TF_DeviceListCount: c<(list: Pointer) => number>('int TF_DeviceListCount(void*)'),
  TF_DeviceListName: c<(list: Pointer, index: number, status: Pointer) => string>(
    'str TF_DeviceListName(void*, int, void*)',
  ),
  TF_DeviceListType: c<(list: Pointer, index: number, status: Pointer) => string>(
    'str TF_DeviceListType(void*, int, void*)',
  ),
  TF_DeviceListMemoryBytes: c<(list: Pointer, index: number, status: Pointer) => number>(
    'int64_t TF_DeviceListMemoryBytes(void*, int, void*)',
  ),

  // Eager tensors
  TFE_NewTensorHandle: c<(tensor: Pointer, status: Pointer) => Pointer>('void* TFE_NewTensorHandle(void*, void*)'),
  TFE_DeleteTensorHandle: c<(handle: Pointer) => void>('void TFE_DeleteTensorHandle(void*)'),
  TFE_TensorHandleDataType: c<(handle: Pointer) => number>('int TFE_TensorHandleDataType(void*)'),
  TFE_TensorHandleNumDims: c<(handle: Pointer, status: Pointer) => number>('int TFE_TensorHandleNumDims(void*, void*)'),
  TFE_TensorHandleDim: c<(handle: Pointer, axis: number, status: Pointer) => number>(
    'int64_t TFE_TensorHandleDim(void*, int, void*)',
  ),
  TFE_TensorHandleResolve: c<(handle: Pointer, status: Pointer) => Pointer>(
    'void* TFE_TensorHandleResolve(void*, void*)',
  ),
  TFE_TensorHandleDeviceName: c<(handle: Pointer, status: Pointer) => string>(
    'str TFE_TensorHandleDeviceName(void*, void*)',
  ),
  TFE_TensorHandleCopySharingTensor: c<(handle: Pointer, status: Pointer) => Pointer>(
    'void* TFE_TensorHandleCopySharingTensor(void*, void*)',
  ),

  // Eager operations
  TFE_NewOp: c<(context: Pointer, name: string, status: Pointer) => Pointer>('void* TFE_NewOp(void*, str, void*)'),
  TFE_DeleteOp: c<(operation: Pointer) => void>('void TFE_DeleteOp(void*)'),
  TFE_OpReset: c<(operation: Pointer, name: Pointer, device: Pointer | null, status: Pointer) => void>(
    'void TFE_OpReset(void*, void*, void*, void*)',
  ),
  TFE_OpGetAttrs: c<(operation: Pointer) => Pointer>('void* TFE_OpGetAttrs(void*)'),
  TFE_OpAddAttrs: c<(operation: Pointer, attributes: Pointer) => void>('void TFE_OpAddAttrs(void*, void*)'),
  TFE_OpAddInput: c<(operation: Pointer, handle: Pointer, status: Pointer) => void>(
    'void TFE_OpAddInput(void*, void*, void*)',
  ),
  TFE_OpSetAttrString: c<(operation: Pointer, name: string, value: Memory, bytes: number) => void>(
    'void TFE_OpSetAttrString(void*, str, void*, size_t)',
  ),
  TFE_OpSetAttrStringList: c<
    (operation: Pointer, name: string, values: Memory, lengths: Memory, count: number) => void
  >('void TFE_OpSetAttrStringList(void*, str, void*, void*, int)'),
  TFE_OpSetAttrInt: c<(operation: Pointer, name: string, value: number) => void>(
    'void TFE_OpSetAttrInt(void*, str, int64_t)',
  ),
  TFE_OpSetAttrIntList: c<(operation: Pointer, name: string, values: Memory, count: number) => void>(
    'void TFE_OpSetAttrIntList(void*, str, void*, int)',
  ),
  TFE_OpSetAttrFloat: c<(operation: Pointer, name: string, value: number) => void>(
    'void TFE_OpSetAttrFloat(void*, str, float)',
  ),
  TFE_OpSetAttrFloatList: c<(operation: Pointer, name: string, values: Memory, count: number) => void>(
    'void TFE_OpSetAttrFloatList(void*, str, void*, int)',
  ),
  TFE_OpSetAttrBool: c<(operation: Pointer, name: string, value: number) => void>(
    'void TFE_OpSetAttrBool(void*, str, uint8_t)',
  ),
  TFE_OpSetAttrType: c<(operation: Pointer, name: string, value: number) => void>(
    'void TFE_OpSetAttrType(void*, str, int)',
  ),
  TFE_OpSetAttrTypeList: c<(operation: Pointer, name: string, values: Memory, count: number) => void>(
    'void TFE_OpSetAttrTypeList(void*, str, void*, int)',
  ),
  TFE_OpSetAttrShape: c<(operation: Pointer, name: string, dimensions: Memory, rank: number, status: Pointer) => void>(
    'void TFE_OpSetAttrShape(void*, str, void*, int, void*)',
  ),
  TFE_Execute: c<(operation: Pointer, outputs: Memory, count: Memory, status: Pointer) => void>(
    'void TFE_Execute(void*, void*, void*, void*)',
  ),

  TFE_NewCancellationManager: c<() => Pointer>('void* TFE_NewCancellationManager()'),
  TFE_DeleteCancellationManager: c<(manager: Pointer) => void>('void TFE_DeleteCancellationManager(void*)'),
  TFE_CancellationManagerStartCancel: c<(manager: Pointer) => void>('void TFE_CancellationManagerStartCancel(void*)'),
  TFE_OpSetCancellationManager: c<(operation: Pointer, manager: Pointer, status: Pointer) => void>(
    'void TFE_OpSetCancellationManager(void*, void*, void*)',
  ),

  // Graphs and functions
  TF_NewOperation: c<(graph: Pointer, type: string, name: string) => Pointer>('void* TF_NewOperation(void*, str, str)'),
  TF_FinishOperation: c<(description: Pointer, status: Pointer) => Pointer>('void* TF_FinishOperation(void*, void*)'),
  TF_AddInput: c<(description: Pointer, input: OperationOutput) => void>('void TF_AddInput(void*, TF_Output)'),
  TF_AddInputList: c<(description: Pointer, inputs: readonly OperationOutput[], count: number) => void>(
    'void TF_AddInputList(void*, TF_Output*, int)',
  ),
  TF_AddControlInput: c<(description: Pointer, operation: Pointer) => void>('void TF_AddControlInput(void*, void*)'),
  TF_SetAttrString: c<(description: Pointer, name: string, value: Memory, bytes: number) => void>(
    'void TF_SetAttrString(void*, str, void*, size_t)',
  ),
  TF_SetAttrStringList: c<(description: Pointer, name: string, values: Memory, lengths: Memory, count: number) => void>(
    'void TF_SetAttrStringList(void*, str, void*, void*, int)',
  ),
  TF_SetAttrInt: c<(description: Pointer, name: string, value: number) => void>(
    'void TF_SetAttrInt(void*, str, int64_t)',
  ),
  TF_SetAttrIntList: c<(description: Pointer, name: string, values: Memory, count: number) => void>(
    'void TF_SetAttrIntList(void*, str, void*, int)',
  ),
  TF_SetAttrFloat: c<(description: Pointer, name: string, value: number) => void>(
    'void TF_SetAttrFloat(void*, str, float)',
  ),
  TF_SetAttrFloatList: c<(description: Pointer, name: string, values: Memory, count: number) => void>(
    'void TF_SetAttrFloatList(void*, str, void*, int)',
  ),
  TF_SetAttrBool: c<(description: Pointer, name: string, value: number) => void>(
    'void TF_SetAttrBool(void*, str, uint8_t)',
  ),
  TF_SetAttrType: c<(description: Pointer, name: string, value: number) => void>(
    'void TF_SetAttrType(void*, str, int)',
  ),
  TF_SetAttrTypeList: c<(description: Pointer, name: string, values: Memory, count: number) => void>(
    'void TF_SetAttrTypeList(void*, str, void*, int)',
  ),
  TF_SetAttrShape: c<(description: Pointer, name: string, dimensions: Memory, rank: number) => void>(
    'void TF_SetAttrShape(void*, str, void*, int)',
  ),
  TF_SetAttrValueProto: c<(description: Pointer, name: string, proto: Memory, bytes: number, status: Pointer) => void>(
    'void TF_SetAttrValueProto(void*, str, void*, size_t, void*)',
  ),
  TF_SetAttrFuncName: c<(description: Pointer, name: string, value: string, bytes: number) => void>(
    'void TF_SetAttrFuncName(void*, str, str, size_t)',
  ),
  TF_SetAttrTensor: c<(description: Pointer, name: string, tensor: Pointer, status: Pointer) => void>(
    'void TF_SetAttrTensor(void*, str, void*, void*)',
  ),
  TF_OperationName: c<(operation: Pointer) => string>('str TF_OperationName(void*)'),
  TF_OperationNumOutputs: c<(operation: Pointer) => number>('int TF_OperationNumOutputs(void*)'),
  TF_OperationOutputType: c<(output: OperationOutput) => number>('int TF_OperationOutputType(TF_Output)'),
  TF_GraphGetTensorNumDims: c<(graph: Pointer, output: OperationOutput, status: Pointer) => number>(
    'int TF_GraphGetTensorNumDims(void*, TF_Output, void*)',
  ),
  TF_GraphGetTensorShape: c<
    (graph: Pointer, output: OperationOutput, dimensions: Memory, rank: number, status: Pointer) => void
  >('void TF_GraphGetTensorShape(void*, TF_Output, void*, int, void*)'),
  TF_GraphGetOpDef: c<(graph: Pointer, operation: string, definition: Pointer, status: Pointer) => void>(
    'void TF_GraphGetOpDef(void*, str, void*, void*)',
  ),
  TF_GraphToFunctionWithControlOutputs: c<
    (
      body: Pointer,
      name: string,
      appendHash: number,
      operationCount: number,
      operations: null,
      inputCount: number,
      inputs: readonly OperationOutput[],
      outputCount: number,
      outputs: readonly OperationOutput[],
      outputNames: null,
      controlCount: number,
      controls: Memory,
      controlNames: null,
      options: null,
      description: string,
      status: Pointer,
    ) => Pointer
  >(
    'void* TF_GraphToFunctionWithControlOutputs(void*, str, uint8_t, int, void*, int, TF_Output*, int, TF_Output*, ' +
      'void*, int, void*, void*, void*, str, void*)',
  ),
  TF_DeleteFunction: c<(definition: Pointer) => void>('void TF_DeleteFunction(void*)'),
  TFE_ContextAddFunction: c<(context: Pointer, definition: Pointer, status: Pointer) => void>(
    'void TFE_ContextAddFunction(void*, void*, void*)',
  ),
  TFE_ContextRemoveFunction: c<(context: Pointer, name: string, status: Pointer) => void>(
    'void TFE_ContextRemoveFunction(void*, str, void*)',
  ),
  TFE_OpSetAttrFunctionName: c<(operation: Pointer, name: string, value: string, bytes: number) => void>(
    'void TFE_OpSetAttrFunctionName(void*, str, str, size_t)',
  ),

  // Graphs and sessions, for SavedModels and profiles
  TF_NewGraph: c<() => Pointer>('void* TF_NewGraph()'),
  TF_DeleteGraph: c<(graph: Pointer) => void>('void TF_DeleteGraph(void*)'),
  TF_GraphOperationByName: c<(graph: Pointer, name: string) => Pointer | null>(
    'void* TF_GraphOperationByName(void*, str)',
  ),
  TF_NewSessionOptions: c<() => Pointer>('void* TF_NewSessionOptions()'),
  TF_DeleteSessionOptions: c<(options: Pointer) => void>('void TF_DeleteSessionOptions(void*)'),
  TF_SetConfig: c<(options: Pointer, config: Memory, bytes: number, status: Pointer) => void>(
    'void TF_SetConfig(void*, void*, size_t, void*)',
  ),
  TF_NewSession: c<(graph: Pointer, options: Pointer, status: Pointer) => Pointer>(
    'void* TF_NewSession(void*, void*, void*)',
  ),
  TF_NewBufferFromString: c<(bytes: Memory, length: number) => Pointer>('void* TF_NewBufferFromString(void*, size_t)'),
  TF_LoadSessionFromSavedModel: c<
    (
      options: Pointer,
      runOptions: null,
      folder: string,
      tags: Memory,
      tagCount: number,
      graph: Pointer,
      metaGraph: null,
      status: Pointer,
    ) => Pointer
  >('void* TF_LoadSessionFromSavedModel(void*, void*, str, void*, int, void*, void*, void*)'),
  TF_CloseSession: c<(session: Pointer, status: Pointer) => void>('void TF_CloseSession(void*, void*)'),
  TF_DeleteSession: c<(session: Pointer, status: Pointer) => void>('void TF_DeleteSession(void*, void*)'),
  TF_SessionRun: c<
    (
      session: Pointer,
      runOptions: Pointer | null,
      inputs: Memory,
      inputValues: Memory,
      inputCount: number,
      outputs: Memory,
      outputValues: Memory,
      outputCount: number,
      targets: Memory,
      targetCount: number,
      metadata: Pointer | null,
      status: Pointer,
    ) => void
  >('void TF_SessionRun(void*, void*, void*, void*, int, void*, void*, int, void*, int, void*, void*)'),
} as const;

type FunctionOf<D> = D extends Declaration<infer F> ? F : never;
type AsyncOf<F> = F extends (...values: infer A) => infer R
  ? F & { async(...values: [...A, (error: Error | null, result: R) => void]): void }
  : never;

/** TensorFlow's C API: the declared functions, each also as `.async` on a thread of libuv's pool. */
export type CApi = { readonly [K in keyof typeof DECLARATIONS]: AsyncOf<FunctionOf<(typeof DECLARATIONS)[K]>> };
