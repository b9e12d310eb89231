/** Array type of each supported dtype, under the format's names. BOOL is one byte, 0 or 1. */
interface SafetensorsArrays {
  readonly F64: Float64Array;
  readonly F32: Float32Array;
  readonly I32: Int32Array;
  readonly I64: BigInt64Array;
  readonly U8: Uint8Array;
  readonly BOOL: Uint8Array;
}
type SafetensorsDtype = keyof SafetensorsArrays;

/** One named array, row-major. */
export type SafetensorsEntry = {
  [Dtype in SafetensorsDtype]: {
    readonly dtype: Dtype;
    readonly shape: readonly number[];
    readonly values: SafetensorsArrays[Dtype];
  };
}[SafetensorsDtype];
