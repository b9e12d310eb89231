/** An address in native memory. koffi takes numbers and bigints alike; addresses fit a double (< 2^53). */
export type Pointer = number | bigint;

/** `TF_DataType` values (tensorflow/c/tf_datatype.h). */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  uint16: 17,
  float16: 19,
  resource: 20,
  variant: 21,
  uint32: 22,
  uint64: 23,
} as const;

/** The name of a `TF_DataType`, or `dtype N` if it is unknown. */
export function dataTypeName(dataType: number): string {
  return Object.entries(DataType).find(([, value]) => value === dataType)?.[0] ?? `dtype ${dataType}`;
}

/** The `TF_Code` values that Motley distinguishes (tensorflow/c/tf_status.h). */
export const StatusCode = { ok: 0, unimplemented: 12 } as const;
