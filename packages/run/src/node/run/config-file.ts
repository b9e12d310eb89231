import { readUserText } from '../files.ts';

/** Size limit of a configuration. One with every field written out has a few kilobytes. */
export const MAX_CONFIG_BYTES = 2 ** 20;

/** Name and text of a configuration file, as `ConfigDefinition.resolve` takes them. */
export interface ConfigFile {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads a configuration file.
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readConfigFile(name: string): Promise<ConfigFile> {
  return { name, text: await readUserText(name, 'a configuration in JSON', MAX_CONFIG_BYTES) };
}
