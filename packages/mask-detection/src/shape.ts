import type { MaskDetectionConfig } from './config.ts';
import type { DetectorShape } from './model.ts';
import type { Normalization } from './networks/unit.ts';

/** The configured network. A backbone without pre-trained weights trains its normalizations too. */
export function shapeOf(
  { model, training, evaluation }: Pick<MaskDetectionConfig, 'model' | 'training' | 'evaluation'>,
  normalization: Normalization,
): DetectorShape {
  const { proposalsBefore, proposals, anchorSamples, proposalSamples } = training;
  return {
    backbone: model.backbone,
    normalization,
    channels: model.channels,
    features: model.features,
    anchors: { sizes: model.anchorSizes, ratios: model.anchorRatios },
    training: { before: proposalsBefore, after: proposals, anchorSamples, proposalSamples },
    testing: {
      before: evaluation.proposalsBefore,
      after: evaluation.proposals,
      minScore: evaluation.minScore,
      maxDetections: evaluation.maxDetections,
    },
  };
}
