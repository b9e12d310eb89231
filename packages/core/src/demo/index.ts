export * from './demo.ts';
export * from './inputs.ts';
export * from './outputs.ts';
