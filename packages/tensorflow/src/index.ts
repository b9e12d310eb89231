export { type Device, Runtime, type RuntimeOptions } from './runtime.ts';
export { TensorFlowError } from './c-api/status.ts';
export { register, type Registration } from './register.ts';
export { compile, type Compiled, type CompileOptions } from './compile/compile.ts';
export { CompileError } from './compile/compile-error.ts';
export type { Engine } from './compile/compiled-function.ts';
export { TensorFlowBackend } from './backend/backend.ts';
export type { AdamUpdateAttributes, SgdUpdateAttributes, StatelessRandomAttributes } from './training/kernels.ts';
export * from './library/index.ts';
