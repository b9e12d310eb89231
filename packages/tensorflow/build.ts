import { bundleTfjs } from '@motley/tfjs-bundles';

// Node cannot load these modules of tfjs-core as they are: their imports have no file extensions.
await bundleTfjs(
  `import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
   import '@tensorflow/tfjs-core/dist/register_all_gradients';`,
  'dist/gradients.js',
);
