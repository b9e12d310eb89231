import type { DemoSource } from './messages.ts';

/** Part of the answer of `GET /api/runs/:id` that a demo needs. */
interface RunAnswer {
  readonly row: { readonly system: string };
  readonly config: unknown;
}

/** @throws Error in one line where the address has no JSON */
async function fetchJson(address: string, what: string, headers: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(address, { headers }).catch(() => undefined);
  if (response === undefined) throw new Error(`${what}: the server does not answer`);
  const answer: unknown = await response.json().catch(() => undefined);
  const error = (answer as { readonly error?: unknown } | undefined)?.error;
  if (!response.ok)
    throw new Error(`${what}: ${typeof error === 'string' ? error : `refused with status ${response.status}`}`);
  if (answer === undefined) throw new Error(`${what}: expected JSON, found something else`);
  return answer;
}

/** A run of the studio's server. */
export async function studioSource(runId: string): Promise<DemoSource> {
  const token = document.querySelector<HTMLMetaElement>('meta[name="motley-token"]')?.content ?? '';
  const headers = { 'x-motley-token': token };
  const address = new URL(`api/runs/${encodeURIComponent(runId)}`, document.baseURI).href;
  const { row, config } = (await fetchJson(address, 'run', headers)) as RunAnswer;
  return { system: row.system, config, weights: `${address}/weights`, files: `${address}/files/`, headers };
}

/** One run of an exported site, as `runs.json` lists it. */
export interface SiteRun {
  readonly system: string;
  readonly name: string;
  /** Folder of its files below the page, such as `runs/1`. */
  readonly folder: string;
}

/** Runs of an exported site. */
export async function siteRuns(): Promise<readonly SiteRun[]> {
  const answer = await fetchJson(new URL('runs.json', document.baseURI).href, 'runs.json', {});
  return (answer as { readonly runs: readonly SiteRun[] }).runs;
}

/** A run of an exported site. */
export async function siteSource({ system, folder }: SiteRun): Promise<DemoSource> {
  const address = new URL(`${folder}/`, document.baseURI).href;
  const config = await fetchJson(`${address}config.json`, 'configuration', {});
  return { system, config, weights: `${address}weights.safetensors`, files: `${address}files/` };
}
