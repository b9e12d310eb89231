import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { UserError } from '../config/errors.ts';

/** Finds packages from the place of a module: `import.meta.url`. */
export interface OptionalPackages {
  /** Loads a package. @throws UserError where it is not installed, with the command that installs it */
  readonly load: (name: string) => unknown;
  /** The folder of a package of data. @throws UserError as `load` */
  readonly folder: (name: string) => string;
}

/**
 * Loads packages that not everybody needs when something needs them. They are optional peers of the package that calls
 * it, so whoever wants them installs them.
 *
 * @param purpose names what needs them, at the start of a sentence: `Figures`
 * @param names all packages that it needs, for the command
 */
export function optionalPackages(moduleUrl: string, purpose: string, names: readonly string[]): OptionalPackages {
  const require = createRequire(moduleUrl);
  const found = <T>(name: string, find: () => T): T => {
    try {
      return find();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${name}`)) throw error;
      const install = `npm install ${names.join(' ')}`;
      throw new UserError(`${purpose} need packages that are not installed, ${name} for one: ${install}`, {
        cause: error,
      });
    }
  };
  return {
    load: (name) => found(name, () => require(name) as unknown),
    folder: (name) => found(name, () => dirname(require.resolve(`${name}/package.json`))),
  };
}
