import type { RunStatus } from '../run/summary.ts';
import { bytesField, doubleField, varintField } from './protobuf.ts';

/** The tags that the plugin looks for. */
export const SESSION_START_TAG = '_hparams_/session_start_info';
export const SESSION_END_TAG = '_hparams_/session_end_info';

const STATUS_SUCCESS = 1;
const STATUS_FAILURE = 2;

/** HParamsPluginData with a SessionStartInfo (tensorboard/plugins/hparams/plugin_data.proto): values by name. */
export function sessionStart(values: Readonly<Record<string, string | number | boolean>>): Uint8Array {
  const entries = Object.entries(values).map(([name, value]) =>
    bytesField(1, [bytesField(1, name), bytesField(2, [protobufValue(value)])]),
  );
  return bytesField(3, [...entries, doubleField(5, Date.now() / 1000)]);
}

/** HParamsPluginData with a SessionEndInfo. */
export function sessionEnd(status: Exclude<RunStatus, 'stopped'>): Uint8Array {
  const code = status === 'completed' ? STATUS_SUCCESS : STATUS_FAILURE;
  return bytesField(4, [varintField(1, code), doubleField(2, Date.now() / 1000)]);
}

/** google.protobuf.Value */
function protobufValue(value: string | number | boolean): Uint8Array {
  if (typeof value === 'number') return doubleField(2, value);
  return typeof value === 'string' ? bytesField(3, value) : varintField(4, Number(value));
}
