export { LOGGER_NAMES, createLoggers, parseLoggerNames, type LoggerName } from './create-loggers.ts';
export type { Logger, LoggerContext } from './logger.ts';
