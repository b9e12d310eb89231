import type { ArchitectureName } from './architectures.ts';
import { EfficientNet, efficientNetB2, efficientNetLite0, type NetworkOptions } from './networks/efficient-net.ts';
import type { ImageClassifier } from './networks/image-classifier.ts';
import { vitB16, VisionTransformer } from './networks/vision-transformer.ts';

/** A classifier of pictures, with new weights. */
export function createNetwork(architecture: ArchitectureName, options: NetworkOptions): ImageClassifier {
  switch (architecture) {
    case 'efficientnet-lite0':
      return new EfficientNet(efficientNetLite0, options);
    case 'efficientnet-b2':
      return new EfficientNet(efficientNetB2, options);
    case 'vit-b-16':
      return new VisionTransformer(vitB16, options);
  }
}
