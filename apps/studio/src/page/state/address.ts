import { computed, signal } from '@preact/signals';

/** Whole view of the page as its address holds it: `#/run/vae-1?axis=time&smoothing=0.6`. */
export interface Address {
  /** Parts of the path, decoded: `['run', 'vae-1']`. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/** Reads the part of an address after `#`. What is not decodable stays as it is. */
export function parseAddress(hash: string): Address {
  const text = hash.replace(/^#?\/?/, '');
  const cut = text.indexOf('?');
  const path = (cut < 0 ? text : text.slice(0, cut))
    .split('/')
    .filter((part) => part !== '')
    .map(decoded);
  const query: Record<string, string> = {};
  if (cut >= 0) for (const [key, value] of new URLSearchParams(text.slice(cut + 1))) query[key] = value;
  return { path, query };
}

/** Writes an address, empty values left out, in a fixed order of its own keys. */
export function formatAddress({ path, query }: Address): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== '') search.set(key, value);
  // Commas, slashes and colons may stand in a fragment as they are.
  const text = search.toString().replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':');
  return `#/${path.map(encodeURIComponent).join('/')}${text === '' ? '' : `?${text}`}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const hasWindow = typeof window !== 'undefined';

/** Address as it is now. */
export const address = signal<Address>(parseAddress(hasWindow ? window.location.hash : ''));

if (hasWindow) {
  window.addEventListener('hashchange', () => {
    address.value = parseAddress(window.location.hash);
  });
  window.addEventListener('pagehide', writeNow);
  // A link leaves the view as it is for the way back.
  window.addEventListener('click', writeNow, { capture: true });
}

/** Takes a token out of the address, where it would be seen and copied: the server keeps it in a cookie. */
export function hideToken(): void {
  const url = new URL(window.location.href);
  if (!url.searchParams.has('token')) return;
  url.searchParams.delete('token');
  window.history.replaceState(null, '', url);
}

/** Name of the page shown: `runs` where the path is empty. */
export const pageName = computed(() => address.value.path[0] ?? 'runs');

/** Link to a page. */
export function hrefOf(path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  return formatAddress({ path, query });
}

/** Goes to a page as a link does: one step back leads here again. */
export function goTo(path: readonly string[], query: Readonly<Record<string, string>> = {}): void {
  writeNow();
  const next = { path, query };
  window.history.pushState(null, '', formatAddress(next));
  address.value = next;
}

const WRITE_AFTER_MS = 150;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Writes what waits: browsers refuse an address that changes with every frame of a drag. */
function writeNow(): void {
  if (timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  window.history.replaceState(null, '', formatAddress(address.value));
}

/**
 * Changes parts of the view, an empty string or null taking one out. The view changes at once, the address shortly after.
 * It is replaced and not added to the history: a slider would fill it.
 */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const query: Record<string, string> = { ...address.value.query };
  for (const [key, value] of Object.entries(changes)) query[key] = value ?? '';
  for (const key of Object.keys(query)) if (query[key] === '') Reflect.deleteProperty(query, key);
  address.value = { path: address.value.path, query };
  timer ??= setTimeout(writeNow, WRITE_AFTER_MS);
}

/** A part of the view as text. */
export function textOf(key: string, otherwise = ''): string {
  return address.value.query[key] ?? otherwise;
}

/** A part of the view as a list: `runs=a,b`. */
export function listOf(key: string): string[] {
  return splitList(textOf(key));
}

/** A part of the view that is one of some choices; the first where it is none of them. */
export function choiceOf<const Choice extends string>(key: string, choices: readonly [Choice, ...Choice[]]): Choice {
  const value = textOf(key);
  return choices.find((choice) => choice === value) ?? choices[0];
}

/** A part of the view as a number within bounds. */
export function numberOf(key: string, otherwise: number, min: number, max: number): number {
  const value = Number(textOf(key, String(otherwise)));
  return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : otherwise;
}

/** Whether a part of the view is on. */
export function flagOf(key: string): boolean {
  return textOf(key) === '1';
}

/** Splits `a,b`, where `%2C` stands for a comma in a name. */
export function splitList(text: string): string[] {
  return text === '' ? [] : text.split(',').map((part) => decoded(part));
}

/** Joins names for the address. */
export function joinList(names: Iterable<string>): string {
  return [...names].map((name) => name.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',');
}
