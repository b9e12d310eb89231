import synsets from './imagenet-synsets.json' with { type: 'json' };

/**
 * Names of the 1,000 classes of ImageNet's challenge (Russakovsky et al., 2015, arXiv 1409.0575), in the order of a
 * classifier's outputs: offsets of nouns in WordNet 3.1, found from those in 3.0 by their nouns and glosses.
 */
export const imageNetSynsets: readonly number[] = synsets.offsets;
