/** Scores of pairs: of the same person, and of two people. More is more alike. */
export interface PairScores {
  readonly same: Float32Array;
  readonly different: Float32Array;
}

/** Shares of pairs that a threshold accepts: where the score is at least it. */
export interface OperatingPoint {
  readonly threshold: number;
  /** Share of the pairs of one person. */
  readonly trueAccepts: number;
  /** Share of the pairs of two people. */
  readonly falseAccepts: number;
}

/** Receiver operating characteristic of pairs: what each threshold accepts. */
export class Roc {
  /** From the highest threshold, which accepts nothing, to the lowest score, which accepts all. */
  readonly points: readonly OperatingPoint[];

  /** @throws RangeError where there are no pairs of one of the two kinds */
  constructor({ same, different }: PairScores) {
    if (same.length === 0 || different.length === 0)
      throw new RangeError(
        `ROC: expected pairs of both kinds, got ${same.length} same and ${different.length} different`,
      );
    const [hits, alarms] = [same.toSorted().reverse(), different.toSorted().reverse()];
    const points: OperatingPoint[] = [{ threshold: Infinity, trueAccepts: 0, falseAccepts: 0 }];
    for (let hit = 0, alarm = 0; hit < hits.length || alarm < alarms.length;) {
      const threshold = Math.max(hits[hit] ?? -Infinity, alarms[alarm] ?? -Infinity);
      const [hitsBefore, alarmsBefore] = [hit, alarm];
      while (hits[hit] === threshold) hit++;
      while (alarms[alarm] === threshold) alarm++;
      if (hit === hitsBefore && alarm === alarmsBefore) throw new RangeError('ROC: expected scores, got NaN');
      points.push({ threshold, trueAccepts: hit / hits.length, falseAccepts: alarm / alarms.length });
    }
    this.points = points;
  }

  /** Probability that a pair of one person has the higher score, ties by half: the area under the curve. */
  areaUnderCurve(): number {
    let area = 0;
    for (let place = 1; place < this.points.length; place++) {
      const [before, after] = [this.points[place - 1]!, this.points[place]!];
      area += ((after.falseAccepts - before.falseAccepts) * (before.trueAccepts + after.trueAccepts)) / 2;
    }
    return area;
  }

  /** Where as many of the same are refused as of the different are accepted, on the line between two thresholds. */
  equalError(): { readonly rate: number; readonly threshold: number } {
    for (let place = 1; place < this.points.length; place++) {
      const [before, after] = [this.points[place - 1]!, this.points[place]!];
      const excess = ({ trueAccepts, falseAccepts }: OperatingPoint) => falseAccepts - (1 - trueAccepts);
      if (excess(after) < 0) continue;
      const share = -excess(before) / (excess(after) - excess(before));
      const rate = before.falseAccepts + share * (after.falseAccepts - before.falseAccepts);
      return { rate, threshold: after.threshold };
    }
    throw new RangeError('ROC: expected a last point that accepts all');
  }

  /** The lowest threshold that accepts at most this share of the pairs of two people. */
  at(falseAcceptRate: number): OperatingPoint {
    return this.points.findLast(({ falseAccepts }) => falseAccepts <= falseAcceptRate)!;
  }
}

/** Shares of same pairs refused, different pairs accepted, and right decisions where both kinds count the same. */
export function decideAt({ same, different }: PairScores, threshold: number) {
  const accepted = (scores: Float32Array) =>
    scores.reduce((sum, score) => sum + Number(score >= threshold), 0) / scores.length;
  const [trueAccepts, falseAccepts] = [accepted(same), accepted(different)];
  return { falseRejects: 1 - trueAccepts, falseAccepts, accuracy: (trueAccepts + 1 - falseAccepts) / 2 };
}

/** The threshold with the most right decisions where both kinds count the same. */
export function bestThreshold(scores: PairScores): number {
  const { points } = new Roc(scores);
  return points.reduce((best, point) =>
    point.trueAccepts - point.falseAccepts > best.trueAccepts - best.falseAccepts ? point : best,
  ).threshold;
}
