import type { Study, StudyColumn } from '@motley/run/node';
import type { FaceVerificationConfig } from './config.ts';

const columns: StudyColumn<FaceVerificationConfig>[] = [
  { heading: 'EER (%)', metric: 'test.equalErrorRate', scale: 100, digits: 2 },
  { heading: 'AUC', metric: 'test.areaUnderCurve', digits: 4 },
  { heading: 'TAR at 1 %', metric: 'test.trueAcceptsAt1in100', digits: 3 },
  { heading: 'TAR at .1 %', metric: 'test.trueAcceptsAt1in1000', digits: 3 },
  { heading: 'closed set (%)', metric: 'test.closedSetAccuracy', scale: 100, digits: 1 },
];

/** People and epochs with which three seeds of several variants can be trained in an evening. */
const smaller = {
  data: { people: 500, picturesPerPerson: 12 },
  training: { epochs: 10 },
} as const;

/** The same network, data and steps with each of the losses. */
const losses: Study<FaceVerificationConfig> = {
  description:
    'the losses, on 500 people: softmax, center loss as published and with learned centers, CosFace, ArcFace',
  seeds: 3,
  variants: {
    softmax: { description: 'softmax', config: { ...smaller, loss: { kind: 'softmax' } }, timeInMinutes: 4 },
    center: { description: 'center loss', config: smaller, timeInMinutes: 4 },
    learned: {
      description: 'center loss, learned centers',
      config: { ...smaller, loss: { centers: 'learned' } },
      timeInMinutes: 4,
    },
    cosface: { description: 'CosFace', config: { ...smaller, loss: { kind: 'cosface' } }, timeInMinutes: 4 },
    arcface: { description: 'ArcFace', config: { ...smaller, loss: { kind: 'arcface' } }, timeInMinutes: 4 },
  },
  columns,
};

/** The recipe for little data, the published settings, and the twin of equal cost. */
const backbones: Study<FaceVerificationConfig> = {
  description: 'ConvNeXt by this recipe, as published, and the ResNet of equal cost, on 500 people',
  seeds: 3,
  variants: {
    convnext: { description: 'ConvNeXt', config: smaller, timeInMinutes: 4 },
    published: {
      description: 'ConvNeXt, stem stride 4, layer scale 1e-6, no average',
      config: {
        ...smaller,
        model: { stemStride: 4, layerScale: 1e-6 },
        training: { ...smaller.training, emaDecay: null, augmentation: 'none' },
      },
      timeInMinutes: 2,
    },
    resnet: { description: 'ResNet', config: { ...smaller, model: { backbone: 'resnet' } }, timeInMinutes: 4 },
  },
  columns,
};

export const studies = { losses, backbones };
