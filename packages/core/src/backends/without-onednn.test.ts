import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeNative } from '../testing/native.ts';

const program = fileURLToPath(new URL('testing/kernel-problems-cli.ts', import.meta.url));
const WINDOWED = [
  'AvgPool',
  'AvgPool3D',
  'Conv2D',
  'Conv2DBackpropFilter',
  'Conv2DBackpropInput',
  'Conv3D',
  'DepthwiseConv2dNative',
  'DepthwiseConv2dNativeBackpropFilter',
  'DepthwiseConv2dNativeBackpropInput',
  'FusedConv2D',
  'FusedDepthwiseConv2D',
  'MaxPool',
  'MaxPool3D',
];

describeNative('without oneDNN, as on processors that it is not built for,', () => {
  it.each(['0', '1'])(
    'convolutions and pooling give the numbers of the reference (oneDNN %s)',
    (isOn) => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [...process.execArgv, program, ...WINDOWED], {
        encoding: 'utf8',
        env: { ...process.env, TF_ENABLE_ONEDNN_OPTS: isOn },
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual([]);
    },
    120_000,
  );
});
