import { UserError } from '../../config/errors.ts';
import { suggestion } from '../../config/nearest.ts';
import type { Logger, LoggerContext } from './logger.ts';

/** What `--log` takes. */
const LOGGER_NAMES = ['tensorboard', 'mlflow', 'wandb'] as const;
export type LoggerName = (typeof LOGGER_NAMES)[number];

/**
 * The names in `--log mlflow,wandb`.
 * @throws UserError for one that is none
 */
export function parseLoggerNames(text: string | undefined): LoggerName[] {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  for (const name of names) {
    if (!LOGGER_NAMES.some((known) => known === name)) {
      throw new UserError(`--log: unknown logger "${name}"${suggestion(name, LOGGER_NAMES)}`);
    }
  }
  return [...new Set(names)] as LoggerName[];
}

/**
 * The loggers of a run. TensorBoard's files are part of every run's folder, so that name gives none.
 * @throws UserError where a server does not answer; StorageError where the folder cannot be written
 */
export async function createLoggers(names: readonly LoggerName[], context: LoggerContext): Promise<Logger[]> {
  const warn = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const withWarn = { warn, ...context };
  const loggers: Logger[] = [];
  // The server first: where it does not answer, nothing else is made.
  if (names.includes('mlflow')) {
    const { createMlflowLogger } = await import('./mlflow/mlflow-logger.ts');
    loggers.push(await createMlflowLogger(withWarn));
  }
  if (names.includes('wandb')) {
    const { createWandbLogger } = await import('./wandb/wandb-logger.ts');
    loggers.push(await createWandbLogger(withWarn));
  }
  return loggers;
}
