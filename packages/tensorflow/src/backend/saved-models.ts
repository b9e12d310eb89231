import { addressesOf, cString, freeMemory } from '../c-api/memory.ts';
import type { Pointer } from '../c-api/types.ts';
import type { Runtime } from '../runtime.ts';

interface SavedModel {
  readonly session: Pointer;
  readonly graph: Pointer;
}

/** Loads SavedModels and runs each as a graph in a session of its own, as tfjs-node's add-on does. */
export class SavedModels {
  readonly #runtime: Runtime;
  readonly #models = new Map<number, SavedModel>();
  #nextId = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  get count(): number {
    return this.#models.size;
  }

  /** @throws TensorFlowError where the folder holds no SavedModel with these tags */
  load(folder: string, tags: readonly string[]): number {
    const { api, status } = this.#runtime;
    const options = api.TF_NewSessionOptions();
    const graph = api.TF_NewGraph();
    const tagStrings = tags.map(cString);
    const session = api.TF_LoadSessionFromSavedModel(
      options,
      null,
      folder,
      addressesOf(tagStrings),
      tags.length,
      graph,
      null,
      status.pointer,
    );
    api.TF_DeleteSessionOptions(options);
    tagStrings.forEach(freeMemory);
    try {
      status.check(`SavedModel ${folder}`);
    } catch (error) {
      api.TF_DeleteGraph(graph);
      throw error;
    }
    this.#models.set(this.#nextId, { session, graph });
    return this.#nextId++;
  }

  delete(id: number): void {
    const { api, status } = this.#runtime;
    const model = this.#find(id);
    this.#models.delete(id);
    api.TF_CloseSession(model.session, status.pointer);
    status.check('closing a SavedModel');
    api.TF_DeleteSession(model.session, status.pointer);
    api.TF_DeleteGraph(model.graph);
    status.check('closing a SavedModel');
  }

  /**
   * @param inputs tensor handles, one for each of `inputNames`
   * @param inputNames names of graph outputs to feed, `serving_default_x:0`
   * @returns handles of the values of `outputNames`; the caller owns them
   */
  run(id: number, inputs: readonly number[], inputNames: readonly string[], outputNames: readonly string[]): number[] {
    const { api, status } = this.#runtime;
    const { session, graph } = this.#find(id);
    const feeds = this.#endpoints(graph, inputNames);
    const fetches = this.#endpoints(graph, outputNames);
    const inputTensors: Pointer[] = [];
    const outputTensors = new BigUint64Array(outputNames.length);
    try {
      for (const handle of inputs) {
        inputTensors.push(api.TFE_TensorHandleResolve(handle, status.pointer));
        status.check('SavedModel input');
      }
      const outputs = outputNames.length;
      const values = addressesOf(inputTensors);
      const args = [session, null, feeds, values, inputs.length, fetches, outputTensors, outputs] as const;
      api.TF_SessionRun(...args, null, 0, null, status.pointer);
      status.check('running a SavedModel');
      return Array.from(outputTensors, (tensor) => {
        const handle = api.TFE_NewTensorHandle(tensor, status.pointer);
        status.check('SavedModel output');
        return Number(handle);
      });
    } finally {
      inputTensors.forEach(api.TF_DeleteTensor);
      outputTensors.forEach((tensor) => {
        if (tensor !== 0n) api.TF_DeleteTensor(tensor);
      });
    }
  }

  /** An array of `TF_Output { TF_Operation*; int }`. */
  #endpoints(graph: Pointer, names: readonly string[]): BigInt64Array {
    const endpoints = new BigInt64Array(2 * names.length);
    names.forEach((name, index) => {
      const [operationName = '', output = '0'] = name.split(':');
      const operation = this.#runtime.api.TF_GraphOperationByName(graph, operationName);
      if (!operation) throw new Error(`the SavedModel has no operation ${operationName}`);
      endpoints[2 * index] = BigInt(operation);
      endpoints[2 * index + 1] = BigInt(output);
    });
    return endpoints;
  }

  #find(id: number): SavedModel {
    const model = this.#models.get(id);
    if (model === undefined) throw new Error(`SavedModel ${id} is not loaded, or was disposed`);
    return model;
  }
}
