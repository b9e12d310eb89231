export {
  playground,
  PLAYGROUND_NAMES,
  type HeldOut,
  type Measurement,
  type Playground,
  type PlaygroundName,
} from './playground.ts';
export { FIRST_SYMBOL, isHeldOut, partOf, TASK_NAMES, TASKS, type Example, type Task, type TaskName } from './tasks.ts';
