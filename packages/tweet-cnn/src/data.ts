import { UserError } from '@motley/run';
import type { TweetCnnConfig } from './config.ts';
import type { TextData } from './labeled-texts.ts';
import { drawTweets } from './synthetic/synthetic-tweets.ts';
import type { Labels } from './vocabulary.ts';

/**
 * Loads the data of a configuration.
 * @param path value of `--data`
 * @param labels words and classes of a checkpoint; by default those of the training part
 * @throws UserError where a source needs a file, takes none, or cannot be read
 */
export function loadData(config: TweetCnnConfig, path?: string, labels?: Labels): Promise<TextData> | TextData {
  const { source } = config.data;
  if (source === 'synthetic') {
    if (path !== undefined)
      throw new UserError(`--data: expected data.source tweets, got synthetic, which reads no file; got ${path}`);
    return drawTweets(config);
  }
  void labels;
  throw new UserError('later');
}
