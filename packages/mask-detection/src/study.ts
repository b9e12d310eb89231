import type { Study, StudyColumn } from '@motley/run/node';
import type { MaskDetectionConfig } from './config.ts';

const columns: StudyColumn<MaskDetectionConfig>[] = [
  { heading: 'AP', metric: 'test.ap', digits: 3 },
  { heading: 'AP50', metric: 'test.ap50', digits: 3 },
  { heading: '95 % from', metric: 'test.ap50Low', digits: 3 },
  { heading: 'to', metric: 'test.ap50High', digits: 3 },
  { heading: 'AP tiny', metric: 'test.apTiny', digits: 3 },
  { heading: 'bound AP50', value: ({ summary }) => summary.baselines.annotator?.ap50, digits: 3 },
];

/** How much a backbone brings that has seen other pictures, and how much of it should stay. */
const backbone: Study<MaskDetectionConfig> = {
  description: 'pre-trained or not, and how many stages stay frozen, at equal steps',
  seeds: 1,
  variants: {
    pretrained: { description: 'pre-trained, two stages frozen', config: {}, timeInMinutes: 12 },
    unfrozen: {
      description: 'pre-trained, none frozen',
      config: { model: { frozenStages: 0 } },
      timeInMinutes: 13,
    },
    scratch: { description: 'from scratch', config: { model: { isPretrained: false } }, timeInMinutes: 14 },
  },
  columns,
};

export const studies = { backbone };
