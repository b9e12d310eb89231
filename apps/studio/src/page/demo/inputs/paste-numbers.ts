/**
 * A series of the wanted length from pasted text: numbers apart by commas, semicolons, spaces or lines. Of a longer
 * series the last values count.
 * @throws Error in one line where there are too few numbers, or something else
 */
export function parseSeries(text: string, length: number, min: number, max: number): Float32Array {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length < length) throw new Error(`series: expected ${length} numbers, got ${parts.length}`);
  return Float32Array.from(parts.slice(-length), (part) => {
    const value = Number(part);
    if (!Number.isFinite(value)) throw new Error(`series: expected numbers, got ${JSON.stringify(part.slice(0, 40))}`);
    return Math.min(max, Math.max(min, value));
  });
}
