/**
 * Part of `@motley/run/node` for programs that look at run folders: no figures, no training. It loads in a fraction of the time of
 * `@motley/run/node`.
 */
export { type DescribedField, type SystemDescription, systemDescriptionSchema } from './commands/system-description.ts';
export { maskedCrc32c } from '../checksums/crc32c.ts';
export { printable, UserError } from '../config/errors.ts';
export { parseJson } from '../reading/json.ts';
export {
  findWorkspaceRoot,
  makeFolder,
  readJson,
  readRegularFile,
  readUserFile,
  reasonOf,
  writeFileAtomically,
} from './files.ts';
export { findHolder, type FolderHolder, lockFolder } from './folder-lock.ts';
export { readStartRecord, type StartRecord } from './run/start-record.ts';
export { readSummary, type Summary } from './run/summary.ts';
