/**
 * A network that turns a picture of a face into an embedding. Pictures of one person have embeddings with a large cosine.
 * In training, a classifier of the trained people sits on top, and with center loss a center for each of them.
 *
 * B batch, S size of the pictures, D coordinates of an embedding, V people that are trained on.
 */
import {
  buffer,
  type Initializer,
  Linear,
  Module,
  normal,
  parameter,
  type RandomStream,
  type RandomTensors,
  zeros,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { FaceVerificationConfig } from './config.ts';
import { centerLoss, classCosines, classificationTerms, embeddingTerms, marginLogits, movedCenters } from './loss.ts';
import type { Backbone } from './networks/backbone.ts';
import { ConvNext, convNextCost, convNextShapes } from './networks/convnext.ts';
import { ResNet, resNetCost } from './networks/resnet.ts';

export type ModelConfig = FaceVerificationConfig['model'];
export type LossConfig = FaceVerificationConfig['loss'];

/** The network for small pictures of faces, and its twin with batch normalization, which costs as much. */
const faceShapes = {
  convnext: { depths: [1, 1, 3, 1], widths: [32, 64, 128, 256] },
  resnet: { depths: [1, 1, 2, 1], widths: [28, 56, 112, 224] },
} as const;

/** Scale of random class weights and learned centers at the start. */
const START_DEVIATION = 0.05;

export interface NetworkStart {
  /** Draws the initial weights. */
  readonly random: RandomStream;
  /** `zeros` where weights of a file follow. Default: each network's own. */
  readonly initializer?: Initializer;
}

/** A backbone whose last layer gives embeddings: pictures [B, S, S, 3] → [B, D]. */
export function createBackbone(
  { backbone, size, stemStride, layerScale, stochasticDepth, embeddingSize }: ModelConfig,
  { random, initializer }: NetworkStart,
): Backbone {
  const options = { outputs: embeddingSize, stemStride, random, ...(initializer && { initializer }) };
  if (backbone === 'resnet') return new ResNet(faceShapes.resnet, options);
  const shape = size === 'face' ? faceShapes.convnext : convNextShapes[size];
  return new ConvNext(shape, { ...options, layerScale, stochasticDepth });
}

/** Multiplications of an embedding. */
export function embeddingCost({ backbone, size, stemStride }: ModelConfig, pictureSize: number): number {
  if (backbone === 'resnet') return resNetCost(faceShapes.resnet, stemStride, pictureSize);
  return convNextCost(size === 'face' ? faceShapes.convnext : convNextShapes[size], stemStride, pictureSize);
}

/** Backbone, classifier and centers. */
export class FaceNetwork extends Module {
  readonly backbone: Backbone;
  /** W [V, D] and, with plain softmax, a bias. */
  readonly classifier: Linear;
  /** c [V, D]; undefined without center loss. */
  readonly centers: tf.Variable | undefined;
  readonly #loss: LossConfig;

  /** @param people V */
  constructor(model: ModelConfig, loss: LossConfig, people: number, start: NetworkStart) {
    super();
    const { random, initializer = normal(START_DEVIATION) } = start;
    const hasMargin = loss.kind === 'cosface' || loss.kind === 'arcface';
    this.backbone = createBackbone(model, { ...start, random: random.fork('backbone') });
    this.classifier = new Linear(model.embeddingSize, people, {
      random: random.fork('classifier'),
      weightInitializer: initializer,
      bias: !hasMargin,
    });
    if (loss.kind === 'center') {
      const fans = { fanIn: model.embeddingSize, fanOut: people };
      const initial = (loss.centers === 'learned' ? initializer : zeros)(
        [people, model.embeddingSize],
        fans,
        random.fork('centers'),
      );
      this.centers = loss.centers === 'learned' ? parameter(initial) : buffer(initial);
    }
    this.#loss = loss;
  }

  /** V */
  get people(): number {
    return this.classifier.weight.shape[0];
  }

  /** Embeddings, not yet of length 1: [B, S, S, 3] → [B, D]. @param random the step's noise, in training mode */
  embed(pictures: tf.Tensor, random?: RandomTensors): tf.Tensor {
    return this.backbone.forward(pictures, random);
  }

  /** Logits of the trained people without a margin: embeddings [B, D] → [B, V]. */
  classify(embeddings: tf.Tensor): tf.Tensor {
    if (this.classifier.bias !== undefined) return this.classifier.forward(embeddings);
    return tf.tidy(() => tf.mul(classCosines(embeddings, this.classifier.weight), this.#loss.scale));
  }

  /**
   * Loss terms of a batch, all scalars. In training mode it moves the centers as Wen et al. (2016) do, where they are not
   * learned.
   * @param labels [B], int32
   * @param marginShare factor of the margin, which grows from 0 to 1 at the start of a training
   */
  loss(pictures: tf.Tensor, labels: tf.Tensor, random: RandomTensors, marginShare?: tf.Tensor) {
    return tf.tidy(() => {
      const { kind, margin, scale, centers, centerRate, centerWeight } = this.#loss;
      const embeddings = this.embed(pictures, random);
      const plain = this.classify(embeddings);
      const lies = embeddingTerms(embeddings);
      if (kind === 'cosface' || kind === 'arcface') {
        const current = marginShare === undefined ? margin : tf.mul(marginShare, margin);
        const logits = marginLogits(tf.div(plain, scale), labels, { kind, margin: current, scale });
        return { ...classificationTerms(logits, plain, labels), ...lies };
      }
      const terms = classificationTerms(plain, plain, labels);
      if (kind === 'softmax') return { ...terms, ...lies };
      const center = centerLoss(embeddings, this.centers!, labels);
      if (this.training && centers === 'averaged')
        this.centers!.assign(movedCenters(this.centers!, embeddings, labels, centerRate));
      const loss = tf.add(terms.loss, tf.mul(center, centerWeight));
      return { ...terms, loss, crossEntropy: terms.loss, center, ...lies };
    });
  }
}
