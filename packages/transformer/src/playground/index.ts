export { playground, PLAYGROUND_NAMES, type HeldOut, type Playground, type PlaygroundName } from './playground.ts';
export { type Example } from './tasks.ts';
