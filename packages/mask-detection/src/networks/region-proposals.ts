import { Conv2d, Module, normal, Sequential, type RandomStream } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';

/** Scores and codes of all anchors, level by level. */
export interface AnchorOutputs {
  /** Logits that an anchor is an object, [B, A]. */
  readonly logits: tf.Tensor;
  /** Codes of its box relative to the anchor, [B, A, 4]. */
  readonly codes: tf.Tensor;
}

/** One small network slid over all levels (Ren et al., 2015, figure 3). */
class ProposalHead extends Module {
  readonly conv: Sequential;
  readonly cls_logits: Conv2d;
  readonly bbox_pred: Conv2d;

  constructor(channels: number, anchors: number, random: RandomStream) {
    super();
    const options = (name: string) => ({ random: random.fork(name), weightInitializer: normal(0.01) });
    const sliding = { ...options('conv'), kernelSize: 3, padding: 1 };
    this.conv = new Sequential(new Sequential(new Conv2d(channels, channels, sliding), tf.relu));
    this.cls_logits = new Conv2d(channels, anchors, { ...options('cls_logits'), kernelSize: 1 });
    this.bbox_pred = new Conv2d(channels, 4 * anchors, { ...options('bbox_pred'), kernelSize: 1 });
  }
}

/** Region proposal network (Ren et al., "Faster R-CNN", 2015, arXiv 1506.01497, section 3.1). */
export class RegionProposals extends Module {
  readonly head: ProposalHead;

  /** @param anchors at each place of a level */
  constructor(channels: number, anchors: number, random: RandomStream) {
    super();
    this.head = new ProposalHead(channels, anchors, random);
  }

  /** Scores and codes of the anchors of levels [B, H, W, C]. */
  forward(levels: readonly tf.Tensor[]): AnchorOutputs {
    const { conv, cls_logits: classifier, bbox_pred: regressor } = this.head;
    const hidden = levels.map((level) => conv.forward(level));
    const batch = levels[0]!.shape[0];
    const logits = hidden.map((each) => tf.reshape(classifier.forward(each), [batch, -1]));
    const codes = hidden.map((each) => tf.reshape(regressor.forward(each), [batch, -1, 4]));
    return { logits: tf.concat(logits, 1), codes: tf.concat(codes, 1) };
  }
}
