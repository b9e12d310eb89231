import type * as Run from '@motley/run/node';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { StepCompiler } from '../../train/step.ts';

/** Types of systems that compute on tensors. */
export interface TensorTypes {
  /** Freed by the command kit. */
  readonly weights: Readonly<Record<string, Tensor>>;
  /** Undefined where steps run as they are. */
  readonly compile: StepCompiler | undefined;
}

/** A command that uses a trained model and its data. */
export type DataCommand<Config, Data, Model, Shape extends Run.OptionShape = Run.OptionShape> = Run.DataCommand<
  Config,
  TensorTypes,
  Data,
  Model,
  Shape
>;

/** A command that uses a trained model alone. */
export type ModelCommand<Config, Model, Shape extends Run.OptionShape = Run.OptionShape> = Run.ModelCommand<
  Config,
  TensorTypes,
  Model,
  Shape
>;

/** Context of the figures. */
export type FigureContext<Config, Data, Model> = Run.FigureContext<Config, TensorTypes, Data, Model>;

/** Context of `train`. */
export type TrainContext<Config, Data, Shape extends Run.OptionShape = Run.OptionShape> = Run.TrainContext<
  Config,
  TensorTypes,
  Data,
  Shape
>;
