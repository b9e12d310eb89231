import { chromium } from 'playwright-core';
import { webSpace } from '/tmp/wt/studio-demos/apps/studio/src/testing/static-server.ts';
const [folder, prefix, hash = '', action = ''] = process.argv.slice(2);
const space = await webSpace(folder!);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const scheme of (process.env.SCHEMES ?? 'light,dark').split(',') as ('light' | 'dark')[]) {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width: Number(process.env.W ?? 1280), height: 900 } });
  page.on('console', (m) => console.log('console', m.type(), m.text()));
  page.on('pageerror', (e) => console.log('pageerror', e.message));
  const t = Date.now();
  await page.goto(space.address + hash);
  await page.waitForSelector('.demo[data-results=true], .demo-error', { timeout: 60000 }).catch((e) => console.log(e.message));
  console.log('first', Date.now() - t, await page.locator('.demo-error').allTextContents());
  if (action.includes('draw')) {
    const b = (await page.locator('.demo-sketch canvas').first().boundingBox())!;
    const at = (x: number, y: number) => [b.x + b.width * x, b.y + b.height * y] as const;
    await page.mouse.move(...at(0.3, 0.25)); await page.mouse.down();
    for (const [x, y] of [[0.7, 0.25], [0.45, 0.8]] as const) await page.mouse.move(...at(x, y), { steps: 12 });
    await page.mouse.up();
  }
  if (process.env.CLICK) { await page.getByText(process.env.CLICK, { exact: true }).first().click(); await page.waitForTimeout(Number(process.env.WAIT ?? 4000)); }
  await page.waitForTimeout(700);
  console.log(await page.locator('.demo-facts').innerText().catch(() => ''));
  await page.screenshot({ path: `/tmp/shots/${prefix}-${scheme}.png`, fullPage: true });
  await page.close();
}
console.log('missing', space.missing);
await browser.close(); await space.close();
