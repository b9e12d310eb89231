import { z } from 'zod';
import { UserError, shown } from '../../../config/errors.ts';
import { parseJson } from '../../../reading/json.ts';

const REQUEST_TIMEOUT_IN_MS = 10_000;
const MAX_SHOWN_REASON = 200;

/** Error response of the server. */
export class MlflowError extends Error {
  override readonly name = 'MlflowError';
  /** HTTP status. */
  readonly status: number;
  /** MLflow's error code, such as `RESOURCE_DOES_NOT_EXIST`. Empty where the server sent none. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

/** Client of MLflow's REST API, version 2.0 (mlflow.org/docs/latest/rest-api.html), over HTTP or HTTPS. */
export class MlflowClient {
  readonly #address: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(address: string, headers: Readonly<Record<string, string>>) {
    this.#address = address;
    this.#headers = headers;
  }

  /**
   * Client for the server named by MLflow's own environment variables: MLFLOW_TRACKING_URI, and MLFLOW_TRACKING_TOKEN
   * or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.
   * @throws UserError where the address is not that of a server
   */
  static fromEnvironment(environment: NodeJS.ProcessEnv): MlflowClient {
    const text = environment.MLFLOW_TRACKING_URI ?? 'http://127.0.0.1:5000';
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
      throw new UserError(
        `--log mlflow: MLFLOW_TRACKING_URI expected a server's address, http://HOST:PORT, got ${shown(text)}`,
      );
    }
    const name = environment.MLFLOW_TRACKING_USERNAME ?? decodeURIComponent(url.username);
    const password = environment.MLFLOW_TRACKING_PASSWORD ?? decodeURIComponent(url.password);
    const token = environment.MLFLOW_TRACKING_TOKEN;
    const basic = name === '' ? undefined : `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
    const authorization = basic ?? (token === undefined ? undefined : `Bearer ${token}`);
    const address = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
    return new MlflowClient(address, authorization === undefined ? {} : { authorization });
  }

  /** Address without credentials. */
  get address(): string {
    return this.#address;
  }

  /**
   * Sends a GET request to a method of `api/2.0/mlflow`.
   * @param answer schema of the response
   * @throws MlflowError for an error response; Error where the connection failed or the response is not MLflow's
   */
  async get<T>(method: string, parameters: Readonly<Record<string, string>>, answer: z.ZodType<T>): Promise<T> {
    const query = new URLSearchParams(parameters).toString();
    return parseAnswer(await this.#request(`mlflow/${method}?${query}`, { method: 'GET' }), answer);
  }

  /** Sends a POST request with a JSON body, like `get`. */
  async post<T>(method: string, body: object, answer: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', body: JSON.stringify(body), headers, signal };
    return parseAnswer(await this.#request(`mlflow/${method}`, options), answer);
  }

  /** Uploads a file to the server's artifact store. */
  async putArtifact(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    await this.#request(`mlflow-artifacts/artifacts/${encoded}`, { method: 'PUT', body: Buffer.from(bytes), signal });
  }

  async #request(
    path: string,
    options: {
      method: string;
      body?: string | Buffer<ArrayBuffer>;
      headers?: object;
      signal?: AbortSignal | undefined;
    },
  ): Promise<string> {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_IN_MS);
    const response = await fetch(`${this.#address}/api/2.0/${path}`, {
      ...options,
      headers: { ...options.headers, ...this.#headers },
      signal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]),
    });
    const text = await response.text();
    if (!response.ok) throw refusal(response.status, text);
    return text;
  }
}

function refusal(status: number, text: string): MlflowError {
  try {
    const { error_code: code = '', message = '' } = parseJson(text, 'MLflow', 'a refusal') as {
      error_code?: string;
      message?: string;
    };
    return new MlflowError(status, code, `${status} ${code} ${message.slice(0, MAX_SHOWN_REASON)}`.trim());
  } catch {
    return new MlflowError(status, '', `${status} ${shown(text)}`);
  }
}

function parseAnswer<T>(text: string, answer: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = parseJson(text, 'MLflow', 'an answer');
  } catch {
    // A body that is not JSON is refused below.
  }
  const result = answer.safeParse(value);
  if (!result.success) throw new Error(`an answer of another kind, ${shown(text)}`);
  return result.data;
}

/** Reason of a failed request, on one line. */
export function reasonOfFailure(error: unknown): string {
  const { message, cause } = error as Error;
  // The cause of fetch's error has the details.
  const reason = cause instanceof Error ? cause.message || ((cause as NodeJS.ErrnoException).code ?? '') : '';
  return (reason === '' ? message : reason).replaceAll('\n', ' ');
}
