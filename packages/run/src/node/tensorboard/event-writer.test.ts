import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { crc32c } from '../../checksums/crc32c.ts';
import { EventWriter } from './event-writer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Fields of a message by number. Written from the documentation of protocol buffers, independently of the writer. */
type Message = Record<number, (bigint | Buffer)[]>;

function decode(bytes: Buffer): Message {
  const message: Message = {};
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[position++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(position, (position += length));
  while (position < bytes.length) {
    const key = Number(varint());
    const wireType = key & 7;
    const value = wireType === 0 ? varint() : take(wireType === 1 ? 8 : wireType === 5 ? 4 : Number(varint()));
    (message[key >> 3] ??= []).push(value);
  }
  return message;
}
const inside = (message: Message, ...path: number[]): Message =>
  path.reduce((outer, field) => decode(outer[field]![0] as Buffer), message);

async function readEvents(name: string): Promise<Message[]> {
  const bytes = await readFile(join(folder, name));
  const unmask = (masked: number): number => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated >>> 17) | (rotated << 15)) >>> 0;
  };
  const events: Message[] = [];
  for (let position = 0; position < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(position));
    expect(unmask(bytes.readUInt32LE(position + 8))).toBe(crc32c(bytes.subarray(position, position + 8)));
    const data = bytes.subarray(position + 12, position + 12 + length);
    expect(unmask(bytes.readUInt32LE(position + 12 + length))).toBe(crc32c(data));
    events.push(decode(data));
    position += 16 + length;
  }
  return events;
}

it('writes events that an independent reader understands', async () => {
  const png = await sharp({ create: { width: 5, height: 3, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const writer = await EventWriter.open(folder);
  await Promise.all([
    writer.writeScalar('loss/train', 1.5, 0),
    writer.writeScalar('loss/train', -0.1, 3_000_000_000),
    writer.writeImage('figures/samples', png, 300),
    writer.writeText('config', '# größe', 7),
  ]);
  await writer.close();
  const names = await readdir(folder);
  expect(names).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d{10}\./)]);

  const [version, start, first, second, image, text, ...rest] = await readEvents(names[0]!);
  expect(rest).toEqual([]);
  expect((version![3]![0] as Buffer).toString()).toBe('brain.Event:2');
  const seconds = (version![1]![0] as Buffer).readDoubleLE();
  expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(60);

  expect([start![2], inside(start!, 7)[1]]).toEqual([[0n], [1n]]);

  const scalar = inside(first!, 5, 1);
  expect((scalar[1]![0] as Buffer).toString()).toBe('loss/train');
  expect((scalar[2]![0] as Buffer).readFloatLE()).toBe(1.5);
  expect(first![2]).toEqual([0n]);
  expect(second![2]).toEqual([3_000_000_000n]);
  expect((inside(second!, 5, 1)[2]![0] as Buffer).readFloatLE()).toBe(Math.fround(-0.1));

  const picture = inside(image!, 5, 1, 4);
  expect([picture[1], picture[2], picture[3]]).toEqual([[3n], [5n], [3n]]);
  expect((picture[4]![0] as Buffer).equals(png)).toBe(true);

  const words = inside(text!, 5, 1);
  expect(inside(words, 9, 1)[1]![0]!.toString()).toBe('text');
  const tensor = inside(words, 8);
  expect([tensor[1], tensor[8]!.map(String), inside(tensor, 2, 2)[1]]).toEqual([[7n], ['# größe'], [1n]]);
});

it('starts a new file on resume, and marks the step it resumes from', async () => {
  const first = await EventWriter.open(folder);
  const second = await EventWriter.open(folder, 40);
  await first.close();
  await second.close();
  expect(await readdir(folder)).toHaveLength(2);
  const events = await readEvents(second.path.slice(folder.length + 1));
  expect(events[1]![2]).toEqual([41n]);
  expect(inside(events[1]!, 7)[1]).toEqual([1n]);
});

it('refuses an image that is not a PNG', async () => {
  const writer = await EventWriter.open(folder);
  expect(() => writer.writeImage('a', Buffer.from('GIF89a'), 0)).toThrow('expected a PNG file');
  await writer.close();
});
