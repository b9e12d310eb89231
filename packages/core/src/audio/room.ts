import type { RandomNumbers } from '@motley/run';
import { numberBetween } from '../data/augmentations/image-array.ts';
import { checkRate } from './frames.ts';

type Place = readonly [number, number, number];

/** Room in the shape of a shoebox whose walls are all alike, with somebody who speaks and a microphone. */
export interface Room {
  /** Length, width and height. */
  readonly sizeInM: Place;
  /** From the same corner. */
  readonly sourceInM: Place;
  readonly microphoneInM: Place;
  /** Time in which the sound decays by 60 dB. */
  readonly rt60InS: number;
}

export interface RoomResponseOptions {
  /**
   * Time after the emission from which noise takes the place of single echoes. Default: when there is one echo for each
   * sample.
   */
  readonly diffuseFromInS?: number;
}

const SPEED_OF_SOUND = 343;
const LONGEST_RT60_IN_S = 10;
const MAX_SIZE_IN_M = 1000;
const MAX_IMAGES = 10_000_000;
/** Half of the length of the filter that puts an echo between two samples. */
const RADIUS = 32;
/** Share of the time before the diffuse part in which echoes fade into it. */
const FADE = 0.5;

/** Absorption of the walls that makes the sound decay by 60 dB in the given time (Eyring, 1930). */
export function absorptionOf(sizeInM: Place, rt60InS: number): number {
  return 1 - Math.exp(-decay(sizeInM) / rt60InS);
}

/** Time in which the sound decays by 60 dB between walls that absorb a share from 0 to 1 of its energy (Eyring, 1930). */
export function rt60Of(sizeInM: Place, absorption: number): number {
  return -decay(sizeInM) / Math.log1p(-absorption);
}

/** 24 ln 10 · V / (c · S) */
function decay([length, width, height]: Place): number {
  const surface = 2 * (length * width + width * height + height * length);
  return (24 * Math.LN10 * length * width * height) / (SPEED_OF_SOUND * surface);
}

/**
 * Impulse response of a room from the arrival of the direct sound on, whose amplitude is 1. Its length is the room's
 * RT60.
 *
 * Early echoes are those of the image sources (Allen & Berkley, 1979), with an amplitude of (-β)ⁿ d₀ / d after n
 * reflections: negative coefficients keep low frequencies as they are (Lehmann & Johansson, 2008). Where echoes are too
 * many to tell apart, noise follows whose power decays as that of the images on average, 4π c / (V f) · d₀² ·
 * 10^(-6 t / RT60) a sample.
 * @param random source of the noise
 * @throws RangeError where sizes, places or times do not fit
 */
export function roomResponse(
  room: Room,
  sampleRateInHz: number,
  random: RandomNumbers,
  options: RoomResponseOptions = {},
): Float32Array {
  checkRate('roomResponse', sampleRateInHz);
  checkRoom(room);
  const { sizeInM, sourceInM, microphoneInM, rt60InS } = room;
  const volume = sizeInM[0] * sizeInM[1] * sizeInM[2];
  const direct = distanceOf(sourceInM, microphoneInM);
  const arrivalInS = direct / SPEED_OF_SOUND;
  const { diffuseFromInS = Math.sqrt((volume * sampleRateInHz) / (4 * Math.PI * SPEED_OF_SOUND ** 3)) } = options;
  if (!(diffuseFromInS >= 0 && diffuseFromInS <= LONGEST_RT60_IN_S))
    throw new RangeError(
      `roomResponse: expected a diffuse part from 0 to ${LONGEST_RT60_IN_S} s on, got ${diffuseFromInS} s`,
    );
  const fadeFrom = Math.max(diffuseFromInS, arrivalInS);
  const fadeTo = fadeFrom * (1 + FADE);
  /** From 0, echoes alone, to 1, noise alone. */
  const diffuseness = (timeInS: number) => Math.min(1, Math.max(0, (timeInS - fadeFrom) / (fadeTo - fadeFrom)));
  const response = new Float32Array(Math.max(1, Math.ceil(rt60InS * sampleRateInHz)));
  const reflection = -Math.sqrt(1 - absorptionOf(sizeInM, rt60InS));
  const longest = Math.min(fadeTo, arrivalInS + rt60InS) * SPEED_OF_SOUND;
  const images = (4 / 3) * Math.PI * (longest ** 3 / volume);
  if (images > MAX_IMAGES)
    throw new RangeError(
      `roomResponse: expected at most ${MAX_IMAGES} echoes before the diffuse part, got ${Math.round(images)}`,
    );
  eachImage(room, longest, (distance, reflections) => {
    const fade = Math.sqrt(1 - diffuseness(distance / SPEED_OF_SOUND));
    const amplitude = (fade * reflection ** reflections * direct) / distance;
    addPulse(response, ((distance - direct) / SPEED_OF_SOUND) * sampleRateInHz, amplitude);
  });
  const noise = random.normalValues(response.length);
  const level = direct * Math.sqrt((4 * Math.PI * SPEED_OF_SOUND) / (volume * sampleRateInHz));
  const first = Math.floor((fadeFrom - arrivalInS) * sampleRateInHz);
  for (let index = first; index < response.length; index++) {
    const timeInS = arrivalInS + index / sampleRateInHz;
    const amplitude = level * 10 ** ((-3 * timeInS) / rt60InS);
    response[index]! += amplitude * Math.sqrt(diffuseness(timeInS)) * noise[index]!;
  }
  return response;
}

/** Calls `use` for the source and each mirror image of it that is not farther from the microphone than `longest`. */
function eachImage(
  { sizeInM, sourceInM, microphoneInM }: Room,
  longest: number,
  use: (distance: number, reflections: number) => void,
): void {
  const [alongX, alongY, alongZ] = [0, 1, 2].map((axis) =>
    imagesOfAxis(sizeInM[axis]!, sourceInM[axis]!, microphoneInM[axis]!, longest),
  ) as [AxisImage[], AxisImage[], AxisImage[]];
  for (const x of alongX)
    for (const y of alongY) {
      const square = x.offset ** 2 + y.offset ** 2;
      if (square > longest ** 2) continue;
      for (const z of alongZ) {
        const distance = Math.sqrt(square + z.offset ** 2);
        if (distance <= longest) use(distance, x.reflections + y.reflections + z.reflections);
      }
    }
}

interface AxisImage {
  readonly offset: number;
  readonly reflections: number;
}

/** Images at ±x + 2 n L, after |n| + |n| or |n| + |n - 1| reflections. */
function imagesOfAxis(size: number, source: number, microphone: number, longest: number): AxisImage[] {
  const images: AxisImage[] = [];
  const most = Math.ceil((longest + size) / (2 * size)) + 1;
  for (let n = -most; n <= most; n++) {
    for (const mirrored of [0, 1]) {
      const offset = (mirrored === 1 ? -source : source) + 2 * n * size - microphone;
      if (Math.abs(offset) <= longest) images.push({ offset, reflections: Math.abs(n) + Math.abs(n - mirrored) });
    }
  }
  return images;
}

/** Adds a pulse at a place between samples: a sinc with a Hann window. */
function addPulse(response: Float32Array, place: number, amplitude: number): void {
  const first = Math.max(0, Math.ceil(place - RADIUS));
  const last = Math.min(response.length - 1, Math.floor(place + RADIUS));
  for (let index = first; index <= last; index++) {
    const x = index - place;
    const sinc = Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    response[index]! += amplitude * sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / RADIUS));
  }
}

function distanceOf(a: Place, b: Place): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function checkRoom({ sizeInM, sourceInM, microphoneInM, rt60InS }: Room): void {
  for (const [axis, size] of sizeInM.entries()) {
    if (!(size >= 0.1 && size <= MAX_SIZE_IN_M))
      throw new RangeError(`roomResponse: expected a room of 0.1 to ${MAX_SIZE_IN_M} m, got ${sizeInM.join(' × ')} m`);
    for (const place of [sourceInM, microphoneInM])
      if (!(place[axis]! >= 0 && place[axis]! <= size))
        throw new RangeError(
          `roomResponse: expected places inside the room of ${sizeInM.join(' × ')} m, got ${place.join(', ')}`,
        );
  }
  if (distanceOf(sourceInM, microphoneInM) < 0.01)
    throw new RangeError('roomResponse: expected source and microphone at least 0.01 m apart, got one place');
  if (!(rt60InS > 0 && rt60InS <= LONGEST_RT60_IN_S))
    throw new RangeError(`roomResponse: expected an RT60 above 0 and up to ${LONGEST_RT60_IN_S} s, got ${rt60InS} s`);
}

export interface RandomRoomOptions {
  /** Smallest and largest length and width. Default 3 to 10 m. */
  readonly sideInM?: readonly [number, number];
  /** Default 2.4 to 4 m. */
  readonly heightInM?: readonly [number, number];
  /** Default 0.1 to 0.6 s. */
  readonly rt60InS?: readonly [number, number];
  /** Smallest and largest distance of source and microphone, where the room has space for it. Default 0.3 to 3 m. */
  readonly distanceInM?: readonly [number, number];
}

const FROM_WALLS_IN_M = 0.3;
const MAX_DRAWS = 1000;

/**
 * Room of random size with source and microphone at least 0.3 m from its walls.
 * @throws RangeError where no two places in it have the distance
 */
export function randomRoom(random: RandomNumbers, options: RandomRoomOptions = {}): Room {
  const { sideInM = [3, 10], heightInM = [2.4, 4], rt60InS = [0.1, 0.6], distanceInM = [0.3, 3] } = options;
  const sizeInM = [sideInM, sideInM, heightInM].map(([low, high]) => numberBetween(random, low, high)) as [
    number,
    number,
    number,
  ];
  const rt60 = numberBetween(random, rt60InS[0], rt60InS[1]);
  const place = () =>
    sizeInM.map((size) => numberBetween(random, FROM_WALLS_IN_M, size - FROM_WALLS_IN_M)) as [number, number, number];
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const [sourceInM, microphoneInM] = [place(), place()];
    const distance = distanceOf(sourceInM, microphoneInM);
    if (distance >= distanceInM[0] && distance <= distanceInM[1])
      return { sizeInM, sourceInM, microphoneInM, rt60InS: rt60 };
  }
  throw new RangeError(
    `randomRoom: expected a room with space for a distance of ${distanceInM.join(' to ')} m, got ${sizeInM.map((size) => size.toFixed(1)).join(' × ')} m`,
  );
}
