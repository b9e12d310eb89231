import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

interface Axe {
  readonly axe: { readonly run: (options: { readonly runOnly?: readonly string[] }) => Promise<AxeResults> };
}

/** Violations by axe-core, each with the elements that it names; `rules` asks for some rules alone. */
export async function violationsOf(tab: Page, rules?: readonly string[]): Promise<string[]> {
  await tab.evaluate(source);
  const { violations } = await tab.evaluate(
    (only) => (globalThis as unknown as Axe).axe.run(only === undefined ? {} : { runOnly: [...only] }),
    rules,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** Part of the address, and what is on the page once it is there. */
export type View = readonly [name: string, hash: string, ready: string];

/** Violations of views by name, in light and dark colors. */
export async function violationsOfViews(tab: Page, views: readonly View[]): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const [name, hash, ready] of views) {
    await tab.evaluate((next) => {
      location.hash = next;
    }, hash);
    await tab.locator(ready).first().waitFor();
    await tab.emulateMedia({ colorScheme: 'light' });
    const light = await violationsOf(tab);
    await tab.emulateMedia({ colorScheme: 'dark' });
    const dark = await violationsOf(tab, ['color-contrast']);
    if (light.length + dark.length > 0) found[name] = [...light, ...dark];
  }
  return found;
}
