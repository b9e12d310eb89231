/**
 * Loads a TensorFlow library and sends its version and devices to the parent process. Arguments are the paths:
 * `probe.ts LIBRARY [FRAMEWORK]`. It runs in a process of its own, because a bad library can end the process.
 */
import koffi from '../koffi.ts';
import type { ProbeReport } from './run-probe.ts';

const [library, framework] = process.argv.slice(2);
if (library === undefined) throw new Error('probe: the library to load is missing');

if (framework !== undefined) koffi.load(framework, { global: true });
const tensorflow = koffi.load(library);
const version = tensorflow.func('str TF_Version()') as () => string;
const newStatus = tensorflow.func('void *TF_NewStatus()') as () => unknown;
const getCode = tensorflow.func('int TF_GetCode(void *)') as (status: unknown) => number;
const message = tensorflow.func('str TF_Message(void *)') as (status: unknown) => string;
const newOptions = tensorflow.func('void *TFE_NewContextOptions()') as () => unknown;
const newContext = tensorflow.func('void *TFE_NewContext(void *, void *)') as (
  options: unknown,
  status: unknown,
) => unknown;
const listDevices = tensorflow.func('void *TFE_ContextListDevices(void *, void *)') as typeof newContext;
const deviceCount = tensorflow.func('int TF_DeviceListCount(void *)') as (list: unknown) => number;
type DeviceField<Value> = (list: unknown, index: number, status: unknown) => Value;
const deviceName = tensorflow.func('str TF_DeviceListName(void *, int, void *)') as DeviceField<string>;
const deviceType = tensorflow.func('str TF_DeviceListType(void *, int, void *)') as DeviceField<string>;
const deviceMemory = tensorflow.func('int64_t TF_DeviceListMemoryBytes(void *, int, void *)') as DeviceField<
  number | bigint
>;

const status = newStatus();
const checked = <Value>(value: Value): Value => {
  if (getCode(status) !== 0) throw new Error(message(status));
  return value;
};
const context = checked(newContext(newOptions(), status));
const list = checked(listDevices(context, status));
const report: ProbeReport = {
  version: version(),
  devices: Array.from({ length: deviceCount(list) }, (_, index) => ({
    name: checked(deviceName(list, index, status)),
    type: checked(deviceType(list, index, status)),
    memoryInBytes: Number(checked(deviceMemory(list, index, status))),
  })),
};
// Nothing above is freed: the process ends here.
process.send!(report, () => process.exit(0));
