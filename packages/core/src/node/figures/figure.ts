/** A picture: PNG for everyone, SVG where it was drawn in lines. */
export interface Figure {
  readonly png: Uint8Array;
  readonly svg?: string;
}
