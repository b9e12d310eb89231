import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fetchRecordings } from './fetch.ts';
import { requireRoot, rootOf } from './locations.ts';

const NAME = 'pocketsphinx-testdata';
const PROBE = 'usr/share/pocketsphinx/test/data/librivox';

let folder: string;
let places: { system: string; cache: string };
let lines: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-fetch-'));
  places = { system: join(folder, 'system'), cache: join(folder, 'cache') };
  lines = [];
  await mkdir(join(folder, 'bin'));
  vi.stubEnv('PATH', [join(folder, 'bin'), '/usr/bin', '/bin'].join(delimiter));
  await program(
    'apt-get',
    `if [ "$2" = --print-uris ]; then echo "'http://mirror/pool/$3.deb' $3.deb 1822580 SHA256:0"; else echo made > "$3_1_all.deb"; fi`,
  );
  await program('dpkg-deb', `mkdir -p "$3/${PROBE}" && cp "$2" "$3/${PROBE}/fileids"`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function program(name: string, script: string): Promise<void> {
  const path = join(folder, 'bin', name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
const fetch = (...wanted: string[]) => fetchRecordings(wanted, (line) => lines.push(line), places);

it('says the size, downloads by apt and unpacks into the cache, once', async () => {
  expect(() => requireRoot(NAME, places)).toThrow(
    new UserError(
      `${NAME}: expected the package in ${places.system} or ${places.cache}/${NAME}, found none: fetch it, or install it by "apt install ${NAME}"`,
    ),
  );
  await fetch(NAME);
  expect(lines).toEqual([
    `${NAME}: ten transcribed clips, downloading 1.8 MB by apt`,
    `${NAME}: unpacked into ${places.cache}/${NAME}`,
  ]);
  expect(rootOf(NAME, places)).toBe(join(places.cache, NAME));
  expect(await readdir(places.cache)).toEqual([NAME]);
  await fetch(NAME);
  expect(lines.slice(2)).toEqual([`${NAME}: found in ${places.cache}/${NAME}`]);
});

it('takes an installed package, or the path of a package file', async () => {
  const archive = join(folder, `${NAME}_1_all.deb`);
  await writeFile(archive, 'made');
  await fetch(archive);
  expect(lines).toEqual([`${NAME}: unpacked into ${places.cache}/${NAME}`]);
  await mkdir(join(places.system, PROBE, 'fileids'), { recursive: true });
  await fetch(archive);
  expect(lines.slice(1)).toEqual([`${NAME}: found in ${places.system}`]);
});

it.each([
  ['apt-get', 'echo "E: Unable to locate package" >&2; exit 100', 'Unable to locate package'],
  ['apt-get', undefined, 'no apt-get'],
])('says what to do where %s cannot download: %s', async (name, script, found) => {
  if (script === undefined) {
    vi.stubEnv('PATH', join(folder, 'nowhere'));
  } else await program(name, script);
  await expect(fetch(NAME)).rejects.toThrow(
    new UserError(
      `${NAME}: expected apt-get to download it, found: ${found}; install ${NAME} by "apt install ${NAME}", or give the path of its .deb file`,
    ),
  );
  expect(await readdir(places.cache)).toEqual([]);
});

it('refuses unknown names, and package files that are damaged or lack what they should have', async () => {
  await expect(fetch('linux-image')).rejects.toThrow(
    /^recordings: expected fillets-ng-data, .*pocketsphinx-testdata, found "linux-image"$/,
  );
  const archive = join(folder, `${NAME}_1_all.deb`);
  await program('dpkg-deb', 'echo "dpkg-deb: error: not a Debian format archive" >&2; exit 2');
  await expect(fetch(archive)).rejects.toThrow(
    new UserError(`${archive}: expected dpkg-deb to unpack it, found: not a Debian format archive`),
  );
  await program('dpkg-deb', 'true');
  await expect(fetch(archive)).rejects.toThrow(
    new UserError(`${archive}: expected ${PROBE}/fileids of ${NAME}, found none`),
  );
  vi.stubEnv('PATH', join(folder, 'nowhere'));
  await expect(fetch(archive)).rejects.toThrow('found: no dpkg-deb; unpack it into');
  expect(await readdir(places.cache)).toEqual([]);
});
