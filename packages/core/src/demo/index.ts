export * from './demo.ts';
export * from './inputs.ts';
export * from './outputs.ts';
export { coverPicture } from './pictures.ts';
