import { randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { Refused } from './refusal.ts';

const COOKIE = 'motley-studio';
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
const ANY: readonly string[] = ['0.0.0.0', '::', '[::]'];

/** Who may ask. */
export interface Access {
  /** Names by which a browser may call this server, without ports. */
  readonly hosts: ReadonlySet<string>;
  /** Whether reading needs the token too: other machines reach the server. */
  readonly isRemote: boolean;
  /** Secret of this start. */
  readonly token: string;
  readonly isReadOnly: boolean;
}

export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === '::1';
}

/** Access for a host to listen on. */
export function accessFor(host: string, isReadOnly: boolean): Access {
  const token = randomBytes(24).toString('base64url');
  if (isLoopback(host)) return { hosts: new Set(LOOPBACK), isRemote: false, token, isReadOnly };
  const hosts = ANY.includes(host) ? [...LOOPBACK, hostname().toLowerCase(), ...addresses()] : [inAddress(host)];
  return { hosts: new Set(hosts), isRemote: true, token, isReadOnly };
}

/** A host as it stands in an address: IPv6 in brackets. */
export function inAddress(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host.toLowerCase()}]` : host.toLowerCase();
}

function addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => inAddress(address)));
}

/**
 * Checks each request before anything else:
 *
 * - `Host` is one of an exact list, port stripped: a name that was bound anew to this machine is refused.
 * - Nothing that another site's page asked for is answered.
 * - What changes something, and the stream, needs the token of this start and comes from this origin.
 * - Where other machines reach the server, everything needs the token.
 */
export function guard(access: Access): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const host = req.header('host') ?? '';
    if (!access.hosts.has(hostOf(host)))
      throw new Refused(403, `Host: expected this machine's name, got ${JSON.stringify(host.slice(0, 100))}`);
    const isReading = req.method === 'GET' || req.method === 'HEAD';
    const isStream = req.path === '/api/events';
    requireSameOrigin(context, host, isReading);
    if (access.isRemote && !admit(context, access)) {
      throw new Refused(403, 'token: expected the address with its token, as the studio printed it');
    }
    if ((!isReading || isStream) && !isToken(givenToken(context), access.token))
      throw new Refused(403, 'token: expected that of this start of the studio; load the page again');
    if (!isReading && access.isReadOnly) throw new Refused(403, 'the studio was started with --read-only');
    await next();
  };
}

/** Host without its port, in lower case. */
function hostOf(host: string): string {
  return (/^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i.exec(host)?.[1] ?? '').toLowerCase();
}

function requireSameOrigin({ req }: Context, host: string, isReading: boolean): void {
  const origin = req.header('origin');
  const site = req.header('sec-fetch-site');
  // A link from elsewhere may open the page itself, and nothing else.
  const isPage = isReading && req.path === '/' && req.header('sec-fetch-dest') !== 'iframe';
  const isSame =
    (origin === undefined ? isReading || site === 'same-origin' : origin === `http://${host}`) &&
    (site === undefined || site === 'same-origin' || site === 'none' || isPage);
  if (!isSame) throw new Refused(403, 'Origin: expected a request of the studio’s own page');
}

function givenToken({ req }: Context): string {
  return req.header('x-studio-token') ?? req.query('token') ?? '';
}

/** Admits another machine by the token, which the page then carries as a cookie. */
function admit(context: Context, { token }: Access): boolean {
  if (isToken(givenToken(context), token)) {
    setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return true;
  }
  return isToken(getCookie(context, COOKIE) ?? '', token);
}

/** Compares in a time that says nothing about how much is right. */
function isToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "frame-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Policy of files that a run wrote: pictures and styles, no scripts. */
export const FILE_POLICY =
  "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

/** Headers of every answer. */
export function safeHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', POLICY);
    headers.set('x-content-type-options', 'nosniff');
    headers.set('referrer-policy', 'no-referrer');
    headers.set('cross-origin-resource-policy', 'same-origin');
    headers.set('cross-origin-opener-policy', 'same-origin');
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
  };
}
