import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '@motley/tensorflow/library';
import { execute } from '../execute.ts';
import { writeAtomically } from '../files.ts';

const sources = join(import.meta.dirname, '..', '..', 'python');

/** The script that measures a peer. */
export const peerScript = join(sources, 'peer.py');

/** The peers' own virtual environment, beside the libraries that Motley installs. */
const environment = join(dirname(cacheFolder()), 'bench', 'python');
export const python = join(environment, 'bin', 'python');

/** File with the requirements that were installed last. */
const mark = (library: Library): string => join(environment, `${library}.installed`);
const requirementsOf = (library: Library): string => join(sources, `requirements-${library}.txt`);

type Library = 'torch' | 'keras';

/** Reason why the peers of a library cannot be measured, for a table's cell; undefined if they can. */
export function pythonProblem(library: Library): string | undefined {
  if (
    existsSync(mark(library)) &&
    readFileSync(mark(library), 'utf8') === readFileSync(requirementsOf(library), 'utf8')
  )
    return undefined;
  return `not installed: pnpm bench setup${library === 'keras' ? ' --keras' : ''}`;
}

/**
 * Creates or updates the virtual environment of the peers, with PyTorch and optionally Keras on TensorFlow.
 *
 * @param report called with each stage
 * @throws Error with pip's reason if a package cannot be installed
 */
export function installPythonPeers(withKeras: boolean, report: (line: string) => void): void {
  mkdirSync(dirname(environment), { recursive: true });
  if (pythonProblem('torch') !== undefined) {
    report('making a Python environment');
    execute('python3', ['-m', 'venv', environment]); // one that is there, or was begun, is repaired
    install('torch', report);
  }
  if (withKeras && pythonProblem('keras') !== undefined) install('keras', report);
}

function install(library: Library, report: (line: string) => void): void {
  const requirements = requirementsOf(library);
  report(`installing ${library} (requirements-${library}.txt)`);
  execute(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeAtomically(mark(library), readFileSync(requirements, 'utf8')); // last: an interrupted installation is none
}
