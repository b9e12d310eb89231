import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, afterEach, describe, expect, it } from 'vitest';
import { boxOf, draw, fact, savedNumbers, settled } from '../../testing/demo-page.ts';
import { buildEveryKind } from '../../testing/every-kind/site.ts';
import { type WebSpace, webSpace } from '../../testing/static-server.ts';

interface Echo {
  readonly sketch: number;
  readonly picture: readonly [width: number, height: number, sum: number];
  readonly text: string;
  readonly sound: number;
  readonly slider: number;
  readonly choice: string;
  readonly row: Readonly<Record<string, unknown>>;
  readonly series: readonly number[];
  readonly pad: readonly [x: number, y: number];
  readonly begun: number;
  readonly aborted: number;
  readonly step?: number;
}

let folder: string;
let space: WebSpace;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-kinds-'));
  await buildEveryKind(folder);
  space = await webSpace(folder);
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  });
  page = await browser.newPage({ viewport: { width: 1100, height: 1800 } });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  await page.goto(space.address);
  await settled(page);
});

afterAll(async () => {
  await browser.close();
  await space.close();
  await rm(folder, { recursive: true });
});

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

async function echo(): Promise<Echo> {
  await settled(page);
  return shown();
}

/** Values that are shown now, while it may still run. */
async function shown(): Promise<Echo> {
  return JSON.parse(await page.locator('[data-output="echo"] pre').innerText()) as Echo;
}

/** A control of a part; `name` is that of the input. */
const part = (name: string, within = '') => page.locator(`[data-input="${name}"] ${within}`);

async function transfer(selector: string, kind: 'drop' | 'paste', bytes: Buffer, type: string): Promise<void> {
  await page.evaluate(
    ([where, event, base64, mime]) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(base64!), (letter) => letter.charCodeAt(0));
      data.items.add(new File([content], 'dropped', { type: mime! }));
      const target = document.querySelector(where!)!;
      target.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true }),
      );
    },
    [selector, kind, bytes.toString('base64'), type],
  );
}

async function png(width: number, height: number): Promise<Buffer> {
  const address = await page.evaluate(
    ([w, h]) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [w!, h!];
      canvas.getContext('2d')!.fillRect(0, 0, w!, h!);
      return canvas.toDataURL();
    },
    [width, height],
  );
  return Buffer.from(address.split(',')[1]!, 'base64');
}

/** A second of silence at 16 kHz as a WAV file. */
function wav(): Buffer {
  const samples = 16_000;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + 2 * samples, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(32_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(2 * samples, 40);
  return Buffer.concat([header, Buffer.alloc(2 * samples)]);
}

describe('controls', () => {
  it('begin with defaults and first examples', async () => {
    expect(await echo()).toMatchObject({
      sketch: 0,
      picture: [4, 2, 2400],
      text: 'hello',
      sound: 4000,
      slider: 5,
      choice: 'first',
      row: { age: 40, color: 'red' },
      pad: [0, 0],
    });
    expect(await fact(page, 'backend')).toMatch(/^WebAssembly/);
    expect(await fact(page, 'parameters')).toBe('3 parameters');
    expect((await savedNumbers(page)).outputs.curves).toHaveLength(2);
  });

  it('sketch: draws by pointer and keyboard, takes it back, clears', async () => {
    await draw(page, [
      [0.2, 0.2],
      [0.8, 0.2],
    ]);
    const drawn = (await echo()).sketch;
    expect(drawn).toBeGreaterThan(8);
    await part('sketch', 'canvas').focus();
    for (let step = 0; step < 4; step++) await page.keyboard.press('Shift+ArrowDown');
    expect((await echo()).sketch).toBeGreaterThan(drawn);
    await part('sketch').getByRole('button', { name: 'Clear' }).click();
    expect((await echo()).sketch).toBe(0);
    await part('sketch').getByRole('button', { name: 'Undo' }).click();
    expect((await echo()).sketch).toBeGreaterThan(drawn);
  });

  it('picture: example, file, drop, paste and camera', async () => {
    await part('picture').getByRole('button', { name: 'Another example' }).click();
    expect((await echo()).picture).toEqual([4, 2, 2424]);
    await page.setInputFiles('[data-input="picture"] input', {
      name: 'a.png',
      mimeType: 'image/png',
      buffer: await png(7, 3),
    });
    await expect.poll(async () => (await echo()).picture).toEqual([7, 3, 0]);
    await transfer('[data-input="picture"] .demo-drop', 'drop', await png(5, 6), 'image/png');
    await expect.poll(async () => (await echo()).picture).toEqual([5, 6, 0]);
    await transfer('body', 'paste', await png(9, 2), 'image/png');
    await expect.poll(async () => (await echo()).picture).toEqual([9, 2, 0]);
    await part('picture').getByRole('button', { name: 'Camera' }).click();
    await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
    await part('picture').getByRole('button', { name: 'Take the picture' }).click();
    await expect.poll(async () => (await echo()).picture[0]).toBeGreaterThan(100);
  });

  it('picture: says in one line what it cannot take', async () => {
    const alert = part('picture', '[role=alert]');
    await transfer('[data-input="picture"] .demo-drop', 'drop', Buffer.from('no picture'), 'image/png');
    await expect.poll(() => alert.innerText()).toContain('expected PNG, JPEG, GIF, WebP or BMP');
    await transfer('[data-input="picture"] .demo-drop', 'drop', await png(1001, 1000), 'image/png');
    await expect.poll(() => alert.innerText()).toContain('expected at most 1000000 pixels, got 1001 × 1000');
    const half = await png(300, 300);
    await transfer('[data-input="picture"] .demo-drop', 'drop', half.subarray(0, 60), 'image/png');
    await expect.poll(() => alert.innerText()).toContain('got a damaged one');
  });

  it('sound: file, microphone, and one line for what is none', async () => {
    await page.setInputFiles('[data-input="sound"] input', { name: 'a.wav', mimeType: 'audio/wav', buffer: wav() });
    await expect.poll(async () => (await echo()).sound).toBe(8000);
    await part('sound').getByRole('button', { name: 'Record' }).click();
    await page.waitForTimeout(600);
    await part('sound').getByRole('button', { name: 'Stop recording' }).click();
    await expect.poll(async () => (await echo()).sound).not.toBe(8000);
    expect((await echo()).sound).toBeGreaterThan(1000);
    await transfer('[data-input="sound"] .demo-drop', 'drop', Buffer.from('no sound'), 'audio/wav');
    await expect.poll(() => part('sound', '[role=alert]').innerText()).toContain('expected a sound file');
  });

  it('text, slider, choice and table row', async () => {
    await part('text', 'textarea').fill('other <b>words</b>');
    await part('slider', 'input').focus();
    await page.keyboard.press('ArrowRight');
    await part('choice').getByText('second').click();
    await part('row', 'input').fill('55');
    await part('row', 'select').selectOption('green');
    expect(await echo()).toMatchObject({
      text: 'other <b>words</b>',
      slider: 6,
      choice: 'second',
      row: { age: 55, color: 'green' },
    });
    await part('row', 'input').fill('');
    expect((await echo()).row).toEqual({ age: null, color: 'green' });
  });

  it('series: draws, pastes numbers, refuses others in one line', async () => {
    const box = await boxOf(part('series', '.demo-series'));
    await page.mouse.move(box.x + 1, box.y + 1);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 1, box.y + box.height - 1, { steps: 5 });
    await page.mouse.up();
    const { series } = await echo();
    expect(series[0]).toBeGreaterThan(0.9);
    expect(series[11]).toBeLessThan(-0.9);
    const paste = (text: string) =>
      page.evaluate((content) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text', content);
        const target = document.querySelector('.demo-series')!;
        target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
      }, text);
    await paste('9, 1, 0.5, 0.25; 0 0 0 0 0 0 0 0 -3');
    expect((await echo()).series).toEqual([1, 0.5, 0.25, 0, 0, 0, 0, 0, 0, 0, 0, -1]);
    await paste('1, 2');
    await expect.poll(() => part('series', '[role=alert]').innerText()).toContain('expected 12 numbers, got 2');
  });

  it('pad: moves by pointer and arrow keys', async () => {
    const box = await boxOf(part('pad', '.demo-pad'));
    await page.mouse.click(box.x + 0.75 * box.width, box.y + 0.25 * box.height);
    const { pad } = await echo();
    expect(pad[0]).toBeCloseTo(1, 1);
    expect(pad[1]).toBeCloseTo(1, 1);
    await page.keyboard.press('Shift+ArrowLeft');
    expect((await echo()).pad[0]).toBeCloseTo(pad[0] - 0.4, 5);
  });
});

describe('runs', () => {
  it('are aborted and begun again as values change, and stop at a button', async () => {
    await part('choice').getByText('endless').click();
    await expect.poll(async () => (await shown()).step).toBeGreaterThan(2);
    await part('slider', 'input').fill('9');
    await expect.poll(async () => (await shown()).slider).toBe(9);
    await expect.poll(async () => (await shown()).aborted).toBe(1);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await settled(page);
    await part('choice').getByText('second').click();
    expect(await echo()).toMatchObject({ choice: 'second', aborted: 2 });
  });

  it('that fail show one line, and the next one runs', async () => {
    await part('choice').getByText('fails').click();
    await expect
      .poll(() => page.locator('.demo-outputs [role=alert]').innerText())
      .toBe('the demo fails as it was told');
    await part('choice').getByText('second').click();
    await expect.poll(async () => (await echo()).choice).toBe('second');
    expect(await page.locator('.demo-outputs [role=alert]').count()).toBe(0);
  });
});

describe('views', () => {
  it.each(['light', 'dark'] as const)('are all there, and accessible, in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const empty = await page.locator('.demo-outputs .demo-empty').count();
    expect(empty).toBe(0);
    expect(await page.locator('[data-output="labels"] li').allInnerTexts()).toHaveLength(2);
    expect(await page.locator('[data-output="words"] mark').allInnerTexts()).toEqual(['good', 'and', 'bad']);
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const { axe: checker } = window as unknown as {
        axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const found = await checker.run();
      return found.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
      );
    });
    expect(violations).toEqual([]);
  });

  it('fit a telephone', async () => {
    await page.setViewportSize({ width: 360, height: 700 });
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(inner).toBeLessThanOrEqual(outer);
  });
});
