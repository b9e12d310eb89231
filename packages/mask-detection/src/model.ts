/**
 * Faster R-CNN (Ren et al., "Faster R-CNN: towards real-time object detection with region proposal networks", NeurIPS
 * 2015, arXiv 1506.01497) on a feature pyramid (Lin et al., CVPR 2017, arXiv 1612.03144), with the names and details of
 * torchvision. Shapes are fixed, and weights of 0 stand for what is not there, so that a step compiles as one program.
 *
 * B pictures, H × W pixels, C channels, A anchors, G objects, R proposals, S samples, V classes with the background.
 */
import { type Initializer, Linear, Module, type RandomStream, type RandomTensors } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { type AnchorShape, anchorsPerPlace, levelAnchors } from './boxes/anchors.ts';
import { assign } from './boxes/assign.ts';
import { areAtLeast, clipBoxes, type CodeWeights, decodeBoxes, encodeBoxes } from './boxes/geometry.ts';
import { roiAlign, SQUARE_SIDE } from './boxes/roi-align.ts';
import { sample } from './boxes/sample.ts';
import { suppress } from './boxes/suppress.ts';
import { withoutGradient } from './boxes/without-gradient.ts';
import { binaryCrossEntropy, classCrossEntropy, smoothL1Sum } from './loss.ts';
import type { Backbone } from './networks/backbone.ts';
import { MobileNetV2 } from './networks/mobile-net.ts';
import { FeaturePyramid } from './networks/pyramid.ts';
import { type AnchorOutputs, RegionProposals } from './networks/region-proposals.ts';
import { ResNet50 } from './networks/resnet.ts';
import type { Normalization } from './networks/unit.ts';

/** Pixels between the cells of P₂. */
const FIRST_STRIDE = 4;
const PROPOSAL_CODES: CodeWeights = [1, 1, 1, 1];
const BOX_CODES: CodeWeights = [10, 10, 5, 5];
/** Shorter sides are no proposals, and no detections, in pixels. */
const MIN_PROPOSAL_SIDE = 1e-3;
const MIN_DETECTION_SIDE = 1e-2;
/** Most probable boxes, of all classes together, that enter the last suppression. */
const MAX_CANDIDATES = 4096;

/** Numbers of proposals. */
export interface ProposalCounts {
  /** Number in each level, before suppression. */
  readonly before: number;
  /** Number in a picture, after it. */
  readonly after: number;
}

/** How a network is built, trained and asked. */
export interface DetectorShape {
  readonly backbone: 'mobilenet-v2' | 'resnet-50';
  readonly normalization: Normalization;
  /** C of the pyramid. */
  readonly channels: number;
  /** Features of a proposal. */
  readonly features: number;
  readonly anchors: AnchorShape;
  readonly training: ProposalCounts & {
    /** Anchors and proposals of a picture that the losses see. */
    readonly anchorSamples: number;
    readonly proposalSamples: number;
  };
  readonly testing: ProposalCounts & {
    readonly minScore: number;
    readonly maxDetections: number;
  };
}

/** Objects of pictures. */
export interface Objects {
  /** [B, G, 4], in pixels. */
  readonly boxes: tf.Tensor;
  /** Classes from 1, 0 fills up, int32 [B, G]. */
  readonly labels: tf.Tensor;
}

/** The four terms and their sum, scalars. */
export interface DetectorLosses extends Readonly<Record<string, tf.Tensor>> {
  readonly loss: tf.Tensor;
  /** Is an anchor an object, and where is it? */
  readonly anchorClass: tf.Tensor;
  readonly anchorBox: tf.Tensor;
  /** Class of a proposal, and its exact place. */
  readonly proposalClass: tf.Tensor;
  readonly proposalBox: tf.Tensor;
}

interface NewDetector {
  /** V - 1 */
  readonly classes: number;
  readonly random: RandomStream;
  /** Draws the backbone's weights. Default: He's. */
  readonly initializer?: Initializer | undefined;
}

/** Backbone and pyramid, as torchvision names them. */
class PyramidBackbone extends Module {
  readonly body: Backbone;
  readonly fpn: FeaturePyramid;

  constructor({ backbone, normalization, channels }: DetectorShape, { random, initializer }: NewDetector) {
    super();
    const Body = backbone === 'resnet-50' ? ResNet50 : MobileNetV2;
    this.body = new Body({ normalization, random: random.fork('body'), initializer });
    this.fpn = new FeaturePyramid(this.body.outputs, channels, { random: random.fork('fpn') });
  }
}

/** Two layers on the features of a proposal. */
class BoxHead extends Module {
  readonly fc6: Linear;
  readonly fc7: Linear;

  constructor(inputs: number, features: number, random: RandomStream) {
    super();
    this.fc6 = new Linear(inputs, features, { random: random.fork('fc6') });
    this.fc7 = new Linear(features, features, { random: random.fork('fc7') });
  }
}

/** Class, and a box for each class. */
class BoxPredictor extends Module {
  readonly cls_score: Linear;
  readonly bbox_pred: Linear;

  constructor(features: number, classes: number, random: RandomStream) {
    super();
    this.cls_score = new Linear(features, classes, { random: random.fork('cls_score') });
    this.bbox_pred = new Linear(features, 4 * classes, { random: random.fork('bbox_pred') });
  }
}

/** Fast R-CNN's head (Girshick, 2015; Lin et al., 2017, section 4.2). */
class RegionHeads extends Module {
  readonly box_head: BoxHead;
  readonly box_predictor: BoxPredictor;

  constructor(channels: number, features: number, classes: number, random: RandomStream) {
    super();
    this.box_head = new BoxHead(channels * SQUARE_SIDE ** 2, features, random.fork('head'));
    this.box_predictor = new BoxPredictor(features, classes, random.fork('predictor'));
  }

  /** Logits and codes of squares [N, 7, 7, C]: [N, V] and [N, V, 4]. */
  forward(squares: tf.Tensor): { readonly logits: tf.Tensor; readonly codes: tf.Tensor } {
    const [count, side, , channels] = squares.shape as [number, number, number, number];
    const rows = tf.reshape(tf.transpose(squares, [0, 3, 1, 2]), [count, channels * side * side]);
    const { fc6, fc7 } = this.box_head;
    const features = tf.relu(fc7.forward(tf.relu(fc6.forward(rows))));
    const logits = this.box_predictor.cls_score.forward(features);
    const codes = this.box_predictor.bbox_pred.forward(features);
    return { logits, codes: tf.reshape(codes, [count, -1, 4]) };
  }
}

/** Proposals of pictures: [B, R, 4], and 1 where there is one, [B, R]. */
interface Proposals {
  readonly boxes: tf.Tensor;
  readonly weights: tf.Tensor;
}

/** Features of a batch, and what they say about its anchors. */
interface Seen {
  readonly levels: readonly tf.Tensor[];
  readonly anchors: readonly tf.Tensor[];
  readonly outputs: AnchorOutputs;
}

export class FasterRcnn extends Module {
  readonly backbone: PyramidBackbone;
  readonly rpn: RegionProposals;
  readonly roi_heads: RegionHeads;
  readonly #shape: DetectorShape;

  constructor(shape: DetectorShape, { classes, random, initializer }: NewDetector) {
    super();
    const { channels, features, anchors } = shape;
    this.#shape = shape;
    this.backbone = new PyramidBackbone(shape, { classes, random: random.fork('backbone'), initializer });
    this.rpn = new RegionProposals(channels, anchorsPerPlace(anchors), random.fork('rpn'));
    this.roi_heads = new RegionHeads(channels, features, classes + 1, random.fork('heads'));
  }

  /** Levels P₂ to P₆ of pictures [B, H, W, 3]: [B, H / 4, W / 4, C] and so on. */
  pyramid(pictures: tf.Tensor): tf.Tensor[] {
    return tf.tidy(() => this.backbone.fpn.forward(this.backbone.body.maps(pictures)));
  }

  #see(pictures: tf.Tensor): Seen {
    const levels = this.pyramid(pictures);
    const anchors = levels.map(({ shape: [, rows, columns] }, level) => {
      const grid = { rows: rows!, columns: columns!, stride: FIRST_STRIDE * 2 ** level };
      const values = levelAnchors(this.#shape.anchors, level, grid);
      return tf.tensor2d(values, [values.length / 4, 4]);
    });
    return { levels, anchors, outputs: this.rpn.forward(levels) };
  }

  /**
   * Proposals: the anchors of each level with the highest scores, moved by their codes, without those that overlap a
   * better one of their level by more than 0.7, and of all levels together the best (Ren et al., section 3.3).
   */
  #propose({ anchors, outputs }: Seen, sizes: tf.Tensor, { before, after }: ProposalCounts): Proposals {
    const packed = withoutGradient(() => {
      let first = 0;
      const perLevel = anchors.map((level) => {
        const count = level.shape[0];
        const logits = tf.slice(outputs.logits, [0, first], [-1, count]);
        const codes = tf.slice(outputs.codes, [0, first, 0], [-1, count, 4]);
        first += count;
        const { values, indices } = tf.topk(logits, Math.min(before, count));
        const moved = decodeBoxes(tf.gather(codes, indices, 1, 1), tf.gather(level, indices), PROPOSAL_CODES);
        const boxes = clipBoxes(moved, sizes); // [B, K, 4]
        const kept = suppress(boxes, tf.cast(areAtLeast(boxes, MIN_PROPOSAL_SIDE), 'float32'), 0.7);
        return { boxes, scores: tf.sub(tf.mul(tf.add(tf.sigmoid(values), 1), kept), 1) }; // -1 for what is not kept
      });
      const boxes = tf.concat(
        perLevel.map((each) => each.boxes),
        1,
      );
      const scores = tf.concat(
        perLevel.map((each) => each.scores),
        1,
      );
      const { values, indices } = tf.topk(scores, Math.min(after, scores.shape[1]!));
      return tf.concat([tf.gather(boxes, indices, 1, 1), tf.expandDims(values, 2)], 2); // [B, R, 5]
    });
    const boxes = tf.slice(packed, [0, 0, 0], [-1, -1, 4]);
    const weights = tf.cast(tf.greaterEqual(tf.squeeze(tf.slice(packed, [0, 0, 4], [-1, -1, 1]), [2]), 0), 'float32');
    return { boxes, weights };
  }

  /** Squares of features of boxes [B, R, 4], from P₂ to P₅: [B R, 7, 7, C]. */
  #squares({ levels }: Seen, boxes: tf.Tensor): tf.Tensor {
    const pyramid = levels.slice(0, -1).map((features, level) => ({ features, stride: FIRST_STRIDE * 2 ** level }));
    return roiAlign(pyramid, boxes);
  }

  /**
   * The losses of a batch.
   * @param pictures prepared as by `prepare`, [B, H, W, 3]
   * @param sizes height and width of each picture in its frame, [B, 2]
   * @param random draws which anchors and which proposals are sampled, in this order
   */
  losses(pictures: tf.Tensor, sizes: tf.Tensor, objects: Objects, random: RandomTensors): DetectorLosses {
    const seen = this.#see(pictures);
    const terms = {
      ...this.#anchorLosses(seen, objects, random),
      ...this.#proposalLosses(seen, sizes, objects, random),
    };
    return { loss: tf.addN(Object.values(terms)), ...terms };
  }

  #anchorLosses({ anchors, outputs }: Seen, objects: Objects, random: RandomTensors) {
    const all = tf.concat([...anchors]); // [A, 4]
    const options = { foreground: 0.7, background: 0.3, keepsBest: true };
    const { labels, boxes } = assign(all, objects.boxes, objects.labels, options);
    const sampling = { count: this.#shape.training.anchorSamples, objectShare: 0.5 };
    const { places, weights } = sample(labels, random.uniform(labels.shape), sampling);
    const logits = tf.gather(outputs.logits, places, 1, 1); // [B, S]
    const isObject = tf.cast(tf.greater(tf.gather(labels, places, 1, 1), 0), 'float32');
    const targets = codesOf(tf.gather(boxes, places, 1, 1), tf.gather(all, places), isObject, PROPOSAL_CODES);
    const differences = tf.sub(tf.gather(outputs.codes, places, 1, 1), targets);
    return {
      anchorClass: binaryCrossEntropy(logits, isObject, weights),
      anchorBox: tf.div(smoothL1Sum(differences, tf.mul(isObject, weights)), tf.maximum(tf.sum(weights), 1)),
    };
  }

  #proposalLosses(seen: Seen, sizes: tf.Tensor, objects: Objects, random: RandomTensors) {
    const { training } = this.#shape;
    const proposed = this.#propose(seen, sizes, training);
    const candidates = tf.concat([proposed.boxes, objects.boxes], 1); // objects are proposals too, [B, R + G, 4]
    const exists = tf.concat([proposed.weights, tf.cast(tf.greater(objects.labels, 0), 'float32')], 1);
    const options = { foreground: 0.5, background: 0.5, keepsBest: false };
    const assigned = assign(candidates, objects.boxes, objects.labels, options);
    const labels = tf.where(tf.greater(exists, 0), assigned.labels, tf.scalar(-1, 'int32'));
    const sampling = { count: training.proposalSamples, objectShare: 0.25 };
    const { places, weights } = sample(labels, random.uniform(labels.shape), sampling);
    const boxes = tf.gather(candidates, places, 1, 1); // [B, S, 4]
    const found = tf.reshape(tf.relu(tf.gather(labels, places, 1, 1)), [-1]); // [B S]
    const isObject = tf.cast(tf.greater(found, 0), 'float32');
    const flat = (tensor: tf.Tensor) => tf.reshape(tensor, [-1, 4]);
    const targets = codesOf(flat(tf.gather(assigned.boxes, places, 1, 1)), flat(boxes), isObject, BOX_CODES);
    const { logits, codes } = this.roi_heads.forward(this.#squares(seen, boxes));
    const isClass = tf.expandDims(tf.oneHot(found, logits.shape[1]!), 2); // [B S, V, 1]
    const differences = tf.sub(tf.sum(tf.mul(codes, isClass), 1), targets);
    const rows = tf.reshape(weights, [-1]);
    return {
      proposalClass: classCrossEntropy(logits, found, rows),
      proposalBox: tf.div(smoothL1Sum(differences, tf.mul(isObject, rows)), tf.maximum(tf.sum(rows), 1)),
    };
  }

  /**
   * Detections, the most probable first.
   * @param pictures prepared as by `prepare`, [B, H, W, 3]
   * @param sizes height and width of each picture in its frame, [B, 2]
   * @returns box, probability and class from 1 of each, [B, detections, 6]; a probability below 0 fills up
   */
  detect(pictures: tf.Tensor, sizes: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const { testing } = this.#shape;
      const seen = this.#see(pictures);
      const proposals = this.#propose(seen, sizes, testing);
      const { logits, codes } = this.roi_heads.forward(this.#squares(seen, proposals.boxes));
      const [batch, count] = proposals.boxes.shape as [number, number];
      const classes = logits.shape[1]! - 1;
      const references = tf.reshape(proposals.boxes, [-1, 1, 4]);
      const decoded = tf.reshape(decodeBoxes(codes, references, BOX_CODES), [batch, count, classes + 1, 4]);
      const ofObjects = tf.slice(decoded, [0, 0, 1, 0], [-1, -1, classes, 4]);
      const boxes = clipBoxes(tf.reshape(ofObjects, [batch, count * classes, 4]), sizes);
      const shares = tf.reshape(tf.softmax(logits), [batch, count, classes + 1]);
      const probabilities = tf.mul(tf.slice(shares, [0, 0, 1], [-1, -1, classes]), tf.expandDims(proposals.weights, 2));
      const scores = tf.reshape(probabilities, [batch, count * classes]);
      const isCandidate = tf.logicalAnd(tf.greater(scores, testing.minScore), areAtLeast(boxes, MIN_DETECTION_SIDE));
      const ranked = tf.topk(tf.where(isCandidate, scores, -1), Math.min(MAX_CANDIDATES, count * classes));
      const labels = tf.add(tf.mod(ranked.indices, tf.scalar(classes, 'int32')), tf.scalar(1, 'int32'));
      const best = tf.gather(boxes, ranked.indices, 1, 1); // [B, K, 4]
      const kept = suppress(best, tf.cast(tf.greater(ranked.values, 0), 'float32'), 0.5, labels);
      const final = tf.sub(tf.mul(tf.add(ranked.values, 1), kept), 1); // -1 for what is not kept
      const { values, indices } = tf.topk(final, Math.min(testing.maxDetections, final.shape[1]!));
      const columns = [
        tf.expandDims(values, 2),
        tf.cast(tf.expandDims(tf.gather(labels, indices, 1, 1), 2), 'float32'),
      ];
      return tf.concat([tf.gather(best, indices, 1, 1), ...columns], 2); // [B, D, 6]
    });
  }
}

/** Codes of boxes relative to references where there is an object, else 0: what fills up may have no area. */
function codesOf(boxes: tf.Tensor, references: tf.Tensor, isObject: tf.Tensor, weights: CodeWeights): tf.Tensor {
  const present = tf.greater(tf.expandDims(isObject, -1), 0);
  const unit = tf.tensor1d([0, 0, 1, 1]);
  return encodeBoxes(tf.where(present, boxes, unit), tf.where(present, references, unit), weights);
}

/** Mean and standard deviation of ImageNet's colors, which torchvision's weights expect. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * Pictures as the network sees them: colors from 0 to 1 less ImageNet's mean, by its deviation, and zeros outside.
 * @param pictures [B, H, W, 3] from 0 to 1, each in the upper left corner of its frame
 * @param sizes height and width of each picture in its frame, [B, 2]
 */
export function prepare(pictures: tf.Tensor, sizes: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [, height, width] = pictures.shape as [number, number, number];
    const [rows, columns] = tf.split(sizes, 2, 1) as [tf.Tensor, tf.Tensor]; // [B, 1]
    const inRows = tf.expandDims(tf.less(tf.range(0, height), rows), 2); // [B, H, 1]
    const inColumns = tf.expandDims(tf.less(tf.range(0, width), columns), 1); // [B, 1, W]
    const inside = tf.cast(tf.expandDims(tf.logicalAnd(inRows, inColumns), 3), 'float32');
    return tf.mul(tf.div(tf.sub(pictures, tf.tensor1d(MEAN)), tf.tensor1d(DEVIATION)), inside);
  });
}
