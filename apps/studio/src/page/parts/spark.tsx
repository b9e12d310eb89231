interface SparkProps {
  readonly values: readonly (number | null)[];
  readonly baseline: number | null | undefined;
  readonly label: string;
}

const WIDTH = 88;
const HEIGHT = 24;

/** A small curve with its baseline, where that lies beside it. */
export function Spark({ values, baseline, label }: SparkProps) {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return <span class="muted">–</span>;
  const size = max - min || 1;
  const y = (value: number): number => HEIGHT - 2 - ((value - min) / size) * (HEIGHT - 4);
  let path = '';
  let isDown = false;
  values.forEach((value, index) => {
    if (value !== null) {
      const x = values.length < 2 ? WIDTH / 2 : (index / (values.length - 1)) * (WIDTH - 2) + 1;
      path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y(value).toFixed(1)}`;
    }
    isDown = value !== null;
  });
  const isSeen = baseline != null && baseline >= min && baseline <= max;
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {isSeen && <line class="spark-base" x1="0" x2={WIDTH} y1={y(baseline)} y2={y(baseline)} />}
      <path d={path} />
    </svg>
  );
}
