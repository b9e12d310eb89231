/** Header of the token that the server asks for. */
export const TOKEN_HEADER = 'x-studio-token';

let token: Promise<string> | undefined;

/**
 * Token of the server's present start, from the page that it serves; `isFresh` asks again, for one that was started
 * again. Empty where the page has none. Works in a page and in its workers.
 */
export function readToken(isFresh: boolean): Promise<string> {
  if (isFresh || token === undefined) token = fetchToken();
  return token;
}

async function fetchToken(): Promise<string> {
  try {
    const response = await fetch(pageAddress(), { cache: 'no-store' });
    return tokenOf(await response.text());
  } catch {
    token = undefined;
    return '';
  }
}

/** Token in the text of the page: `<meta name="studio-token" content="…">`. */
export function tokenOf(html: string): string {
  return /<meta name="studio-token" content="([\w-]*)"/.exec(html)?.[1] ?? '';
}

/** Where the page is served: a worker's own file lies in a folder beside it. */
function pageAddress(): string {
  return typeof document === 'undefined' ? new URL('../', self.location.href).href : document.baseURI.split('#')[0]!;
}
