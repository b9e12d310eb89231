import type { CApi } from './c-api/declarations.ts';
import { Executor } from './c-api/executor.ts';
import { loadCApi } from './c-api/load.ts';
import { bytesField, encodeMessage, type Field, floatField, integerField, messageField } from './c-api/proto.ts';
import { Status } from './c-api/status.ts';
import type { Pointer } from './c-api/types.ts';
import { findLibrary, type LibraryLocation } from './library/index.ts';
import { keepXlaCode } from './xla-cache.ts';

/** Settings of TensorFlow in this thread. They are fixed when the runtime opens. */
export interface RuntimeOptions {
  /** Folder or file of the TensorFlow library. Default: `findLibrary` searches for it. */
  readonly library?: string;
  /** TensorFlow's numbers of the GPUs to use; `[]` for none. Default: all. */
  readonly visibleGpus?: readonly number[];
  /** Upper bound of the memory taken on each visible GPU. Default: memory grows on demand. */
  readonly gpuMemoryLimitInMegabytes?: number;
  /** Number of logical devices that the CPU is split into (`/device:CPU:0` …), to test placement. */
  readonly logicalCpuDevices?: number;
  /** Libraries of pluggable devices (Metal and others), loaded before the context opens. */
  readonly pluggableDevices?: readonly string[];
  /** Threads within one operation. Default: TensorFlow's choice. */
  readonly intraOpThreads?: number;
  /** Threads for operations that run side by side. Default: TensorFlow's choice. */
  readonly interOpThreads?: number;
}

/** A device that operations can be placed on. */
export interface Device {
  /** The full name, `/job:localhost/replica:0/task:0/device:CPU:0`. */
  readonly name: string;
  /** `CPU`, `GPU`, or the type that a pluggable device gives itself. */
  readonly type: string;
  readonly memoryInBytes: number;
}

/** TensorFlow in this thread: the library, one eager context, and an executor of operations. */
export class Runtime {
  readonly location: LibraryLocation;
  readonly options: RuntimeOptions;
  readonly api: CApi;
  readonly version: string;
  readonly status: Status;
  readonly context: Pointer;
  readonly devices: readonly Device[];
  readonly executor: Executor;
  #holders = 0;
  #isUnwanted = false;
  #isClosed = false;

  /** @throws LibraryError where no usable library is found, TensorFlowError where TensorFlow refuses the options. */
  constructor(options: RuntimeOptions = {}) {
    this.options = options;
    this.location = findLibrary(options.library === undefined ? {} : { setting: options.library });
    this.api = loadCApi(this.location);
    this.version = this.api.TF_Version();
    keepXlaCode(this.location.library, this.version);
    this.status = new Status(this.api);
    for (const path of options.pluggableDevices ?? []) {
      this.api.TF_LoadPluggableDeviceLibrary(path, this.status.pointer);
      this.status.check(`loading ${path}`);
    }
    this.context = this.#openContext(options);
    this.devices = this.#listDevices();
    this.executor = new Executor(this.api, this.status, this.context);
  }

  /** True where a device other than the CPU computes. */
  get usesGpu(): boolean {
    return this.devices.some((device) => device.type !== 'CPU' && !device.type.startsWith('XLA_'));
  }

  /**
   * Places the operations that `body` runs on `device` (`/device:CPU:1`). @throws RangeError where no device has that
   * name
   */
  withDevice<T>(device: string, body: () => T): T {
    if (!this.devices.some(({ name }) => name.endsWith(device))) {
      const known = this.devices.map(({ name }) => name.replace(/^.*(?=\/device:)/, '')).join(', ');
      throw new RangeError(`no device ${device}: there are ${known}`);
    }
    return this.executor.withDevice(device, body);
  }

  /**
   * Keeps the context open for something that uses it.
   * @returns a function that ends this
   */
  hold(): () => void {
    let isHeld = true;
    this.#holders++;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders--;
      if (this.#isUnwanted && this.#holders === 0) this.close();
    };
  }

  /** Closes the context as soon as nothing holds it. */
  closeWhenUnused(): void {
    this.#isUnwanted = true;
    if (this.#holders === 0) this.close();
  }

  /** Closes the context. Nothing of this runtime may be used afterwards. A second call does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.executor.close();
    this.api.TFE_DeleteContext(this.context);
    this.status.dispose();
  }

  #openContext(options: RuntimeOptions): Pointer {
    const { api, status } = this;
    const contextOptions = api.TFE_NewContextOptions();
    try {
      const config = encodeMessage(configProto(options));
      api.TFE_ContextOptionsSetConfig(contextOptions, config, config.length, status.pointer);
      status.check('context options');
      api.TFE_ContextOptionsSetDevicePlacementPolicy(contextOptions, DEVICE_PLACEMENT_SILENT);
      const context = api.TFE_NewContext(contextOptions, status.pointer);
      status.check('opening TensorFlow');
      if (options.logicalCpuDevices !== undefined) {
        api.TFE_SetLogicalCpuDevices(context, options.logicalCpuDevices, LOCAL_TASK, status.pointer);
        status.check('logicalCpuDevices');
      }
      return context;
    } finally {
      api.TFE_DeleteContextOptions(contextOptions);
    }
  }

  #listDevices(): Device[] {
    const { api, status } = this;
    const list = api.TFE_ContextListDevices(this.context, status.pointer);
    status.check('listing devices');
    try {
      return Array.from({ length: api.TF_DeviceListCount(list) }, (_, index) => {
        const name = api.TF_DeviceListName(list, index, status.pointer);
        const type = api.TF_DeviceListType(list, index, status.pointer);
        const memoryInBytes = api.TF_DeviceListMemoryBytes(list, index, status.pointer);
        status.check('listing devices');
        return { name, type, memoryInBytes };
      });
    } finally {
      api.TF_DeleteDeviceList(list);
    }
  }
}

/** `TFE_DEVICE_PLACEMENT_SILENT`: an input on another device is copied. */
const DEVICE_PLACEMENT_SILENT = 2;
const LOCAL_TASK = '/job:localhost/replica:0/task:0';

/** `ConfigProto` (tensorflow/core/protobuf/config.proto). */
function configProto(options: RuntimeOptions): Field[] {
  const fields: Field[] = [integerField(7, true)]; // allow_soft_placement
  if (options.intraOpThreads !== undefined) fields.push(integerField(2, options.intraOpThreads));
  if (options.interOpThreads !== undefined) fields.push(integerField(5, options.interOpThreads));
  if (options.visibleGpus?.length === 0) fields.push(messageField(1, [bytesField(1, 'GPU'), integerField(2, 0)]));
  const gpu: Field[] = [];
  if (options.visibleGpus !== undefined && options.visibleGpus.length > 0) {
    gpu.push(bytesField(5, options.visibleGpus.join(',')));
  }
  if (options.gpuMemoryLimitInMegabytes === undefined) {
    gpu.push(integerField(4, true)); // allow_growth
  } else {
    const limit = floatField(1, options.gpuMemoryLimitInMegabytes);
    const gpus = Math.max(1, options.visibleGpus?.length ?? 1);
    gpu.push(
      messageField(
        9,
        Array.from({ length: gpus }, () => messageField(1, [limit])),
      ),
    ); // virtual_devices
  }
  fields.push(messageField(6, gpu));
  return fields;
}
