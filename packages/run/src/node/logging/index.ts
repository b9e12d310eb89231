export { createLoggers, parseLoggerNames } from './create-loggers.ts';
export type { Logger } from './logger.ts';
