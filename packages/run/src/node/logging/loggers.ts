import { UserError, printable, shown } from '../../config/errors.ts';
import { suggestion } from '../../config/nearest.ts';
import type { Logger, LoggerContext } from './logger.ts';

/** Opens a logger. @param isNamed whether `--log` names it */
type OpenLogger = (context: LoggerContext, isNamed: boolean) => Promise<Logger>;

/** Loggers by their names in `--log`. Servers come first: where one does not answer, no file is created. */
const LOGGERS: Readonly<Record<string, { readonly open: OpenLogger; readonly isAlwaysOn?: boolean }>> = {
  mlflow: { open: async (context) => (await import('./mlflow/mlflow-logger.ts')).createMlflowLogger(context) },
  wandb: { open: async (context) => (await import('./wandb/wandb-logger.ts')).createWandbLogger(context) },
  tensorboard: {
    isAlwaysOn: true,
    async open({ folder, config, fromStep }, showsAll) {
      const { TensorBoardLog } = await import('../tensorboard/tensorboard-log.ts');
      return TensorBoardLog.open(folder, { config, showsAll, ...(fromStep !== undefined && { fromStep }) });
    },
  },
};

/** Names accepted by `--log`. */
export const LOGGER_NAMES = Object.keys(LOGGERS);

/**
 * Parses the names in `--log mlflow,wandb`.
 * @throws UserError for an unknown name
 */
export function parseLoggerNames(text: string | undefined): string[] {
  const names = (text ?? '').split(',').filter((name) => name !== '');
  for (const name of names) {
    if (!Object.hasOwn(LOGGERS, name))
      throw new UserError(`--log: unknown logger ${shown(name)}${suggestion(name, LOGGER_NAMES)}`);
  }
  return [...new Set(names)];
}

/**
 * Opens the loggers of a run: those named, and those that are always on.
 * @throws UserError where a server does not answer; StorageError where the folder cannot be written
 */
export async function createLoggers(names: readonly string[], context: LoggerContext): Promise<Logger[]> {
  const warn = (line: string): void => {
    process.stderr.write(`${printable(line)}\n`);
  };
  const loggers: Logger[] = [];
  for (const [name, { open, isAlwaysOn = false }] of Object.entries(LOGGERS)) {
    const isNamed = names.includes(name);
    if (isNamed || isAlwaysOn) loggers.push(await open({ warn, ...context }, isNamed));
  }
  return loggers;
}
