import { bytesField, doubleField, type Field, integerField, messageField } from '../protobuf.ts';
import type { RunStatus } from '../run/summary.ts';

/** Tags of the hyperparameter plugin. */
export const SESSION_START_TAG = '_hparams_/session_start_info';
export const SESSION_END_TAG = '_hparams_/session_end_info';

const STATUS_SUCCESS = 1;
const STATUS_FAILURE = 2;

/** SessionStartInfo of HParamsPluginData (tensorboard/plugins/hparams/plugin_data.proto): values by name. */
export function sessionStart(values: Readonly<Record<string, string | number | boolean>>): Field {
  const entries = Object.entries(values).map(([name, value]) =>
    messageField(1, [bytesField(1, name), messageField(2, [protobufValue(value)])]),
  );
  return messageField(3, [...entries, doubleField(5, Date.now() / 1000)]);
}

/** SessionEndInfo of HParamsPluginData. */
export function sessionEnd(status: Exclude<RunStatus, 'stopped'>): Field {
  const code = status === 'completed' ? STATUS_SUCCESS : STATUS_FAILURE;
  return messageField(4, [integerField(1, code), doubleField(2, Date.now() / 1000)]);
}

/** google.protobuf.Value */
function protobufValue(value: string | number | boolean): Field {
  if (typeof value === 'number') return doubleField(2, value);
  return typeof value === 'string' ? bytesField(3, value) : integerField(4, value);
}
