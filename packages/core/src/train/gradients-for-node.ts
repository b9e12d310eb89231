// Node cannot load tfjs-core's own modules of gradients, whose imports have no file extensions.
import '@motley/tensorflow/gradients';
