export { type Device, Runtime, type RuntimeOptions } from './runtime.ts';
export { TensorFlowError } from './c-api/status.ts';
export { register, type Registration } from './register.ts';
export { TensorFlowBackend } from './backend/backend.ts';
export type { AdamUpdateAttributes, SgdUpdateAttributes, StatelessRandomAttributes } from './training/kernels.ts';
export * from './library/index.ts';
