import { byScore, type Found, type Judged, overlapOf } from './match.ts';

/**
 * Kinds of errors (Bolya et al., "TIDE", ECCV 2020, section 2.2): the wrong class, the wrong place, both, a second
 * detection of a face, one where there is no face, and a face without any detection.
 */
export const ERROR_KINDS = ['class', 'place', 'both', 'duplicate', 'background', 'missed'] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** A detection overlaps its object so much, or at least looks at it. */
const FOUND = 0.5;
const NEAR = 0.1;

/** Right and wrong detections. */
export interface Split {
  readonly right: number;
  readonly errors: Readonly<Record<ErrorKind, number>>;
}

interface Overlap {
  readonly place: number;
  readonly overlap: number;
}

/** Right detections and errors of each kind over pictures. @param minScore less probable detections are left out */
export function splitErrors(pictures: readonly Judged[], minScore: number): Split {
  const errors = Object.fromEntries(ERROR_KINDS.map((kind) => [kind, 0])) as Record<ErrorKind, number>;
  let right = 0;
  for (const picture of pictures) {
    const { truth } = picture;
    const isTaken = new Uint8Array(truth.length);
    const isSeen = new Uint8Array(truth.length);
    const found = picture.found.filter(({ score }) => score >= minScore);
    for (const place of byScore(found.map(({ score }) => score))) {
      const detection = found[place]!;
      const free = best(detection, picture, (at) => truth[at]!.label === detection.label && isTaken[at] === 0);
      if (free.overlap >= FOUND) {
        right++;
        isTaken[free.place] = isSeen[free.place] = 1;
        continue;
      }
      const { kind, object } = kindOf(detection, picture);
      errors[kind]++;
      if (object !== undefined) isSeen[object] = 1;
    }
    errors.missed += isSeen.filter((seen) => seen === 0).length;
  }
  return { right, errors };
}

/** Kind of a wrong detection, and the object that it mistook. */
function kindOf(found: Found, picture: Judged): { readonly kind: ErrorKind; readonly object?: number } {
  const own = best(found, picture, (at) => picture.truth[at]!.label === found.label);
  const other = best(found, picture, (at) => picture.truth[at]!.label !== found.label);
  if (own.overlap >= FOUND) return { kind: 'duplicate', object: own.place };
  if (other.overlap >= FOUND) return { kind: 'class', object: other.place };
  if (own.overlap >= NEAR) return { kind: 'place', object: own.place };
  if (other.overlap >= NEAR) return { kind: 'both', object: other.place };
  return { kind: 'background' };
}

function best({ box }: Found, { truth }: Judged, isAllowed: (place: number) => boolean): Overlap {
  let most: Overlap = { place: -1, overlap: 0 };
  for (const [place, each] of truth.entries()) {
    const overlap = isAllowed(place) ? overlapOf(box, each.box) : 0;
    if (overlap > most.overlap) most = { place, overlap };
  }
  return most;
}
