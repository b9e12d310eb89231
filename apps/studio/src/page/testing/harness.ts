import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { buildPage, startBrowser } from './browser.ts';
import { FakeServer } from './fake-server.ts';

interface Harness {
  readonly server: FakeServer;
  readonly browser: Browser;
  readonly folder: string;
  /** Opens a part of the page in a browser of its own. */
  readonly open: (hash?: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Faults of any page: errors, what the policy forbade, requests that left the machine. */
  readonly faults: string[];
}

/** Real page, built as it is published, in Chromium, on a server with made runs. Faults of any page fail the test. */
export function usePage(options: { runs: number; points?: number; charts?: number }): Harness {
  const state: Partial<Harness> & { faults: string[] } = { faults: [] };
  const pages: Page[] = [];
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const built = await buildPage();
    remove = built.remove;
    const server = await FakeServer.start({ folder: built.folder, ...options });
    const browser = await startBrowser();
    const open: Harness['open'] = async (hash = '#/', contextOptions = {}) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...contextOptions });
      context.setDefaultTimeout(5000);
      const page = await context.newPage();
      pages.push(page);
      watch(page, state.faults);
      await page.goto(hash.startsWith('#') ? server.url + hash : hash);
      return page;
    };
    Object.assign(state, { server, browser, open, folder: built.folder });
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close();
    const faults = state.faults.splice(0);
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    await state.browser?.close();
    await state.server?.close();
    await remove();
  });
  return state as Harness;
}

/** Collects what goes wrong in a page. */
function watch(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    // A server that is away is no fault of the page: the browser notes each refused request.
    if (message.type() === 'error' && !/ERR_CONNECTION|net::ERR|status of 40[34]/.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (/^https?:/.test(url) && new URL(url).hostname !== '127.0.0.1') faults.push(`request: ${url}`);
  });
}
