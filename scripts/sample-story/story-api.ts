import { setTimeout as wait } from 'node:timers/promises';

/** Speaks to a running durabill with one key. Paths are below the base address; bodies are JSON. */
export interface StoryApi {
  get<T>(path: string): Promise<T>;
  /** @param accepts refusals that are fine, because what was asked for is there already. */
  post<T>(path: string, body: unknown, accepts?: (refused: Refused) => boolean): Promise<Answer<T>>;
  put<T>(path: string, body: unknown, accepts?: (refused: Refused) => boolean): Promise<Answer<T>>;
}

export type Answer<T> =
  | { readonly refused: false; readonly body: T; readonly headers: Headers }
  | { readonly refused: true };

export interface Refused {
  readonly status: number;
  readonly code: string | undefined;
  /** Errors by field. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface StoryApiOptions {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch: typeof fetch;
  /** Ends every request and every wait. */
  readonly signal: AbortSignal | undefined;
}

/** Any other answer than the expected one. */
export class UnexpectedAnswer extends Error {
  readonly status: number;

  constructor(asked: string, { status, text }: Received) {
    super(`${asked} answered ${status}: ${text.slice(0, 500)}`);
    this.status = status;
  }
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Waits between the tries while the server is away or busy: half a minute in all. */
const TRY_AGAIN_MS = [100, 200, 400, 800, 1500, 3000, 4000, 5000, 5000, 5000, 5000];

/**
 * Requests are sent again while the server does not answer or says that it cannot at the moment: every request of the
 * story may be repeated.
 */
export function makeStoryApi(options: StoryApiOptions): StoryApi {
  const read = async <T>(path: string): Promise<T> => {
    const received = await sendUntilAnswered(options, 'GET', path, undefined);
    if (received.status >= 300) throw new UnexpectedAnswer(`GET ${path}`, received);
    return JSON.parse(received.text) as T;
  };
  const write =
    (method: string) =>
    async <T>(path: string, body: unknown, accepts?: (refused: Refused) => boolean): Promise<Answer<T>> => {
      const received = await sendUntilAnswered(options, method, path, body);
      const { status, headers, text } = received;
      if (status < 300) return { refused: false, body: JSON.parse(text) as T, headers };
      if (accepts?.(refusalOf(received)) === true) return { refused: true };
      throw new UnexpectedAnswer(`${method} ${path}`, received);
    };
  return { get: read, post: write('POST'), put: write('PUT') };
}

async function sendUntilAnswered(
  options: StoryApiOptions,
  method: string,
  path: string,
  body: unknown,
): Promise<Received> {
  for (const pause of TRY_AGAIN_MS) {
    try {
      const received = await send(options, method, path, body);
      if (!isBusy(received)) return received;
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
    }
    await wait(pause, undefined, options.signal && { signal: options.signal });
  }
  return send(options, method, path, body);
}

async function send(options: StoryApiOptions, method: string, path: string, body: unknown): Promise<Received> {
  const response = await options.fetch(`${options.baseUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${options.key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(options.signal && { signal: options.signal }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** For what must not be done twice: sent once. @throws UnexpectedAnswer unless it is granted. */
export async function postOnce<T>(options: StoryApiOptions, path: string, body: unknown): Promise<T> {
  const received = await send(options, 'POST', path, body);
  if (received.status >= 300) throw new UnexpectedAnswer(`POST ${path}`, received);
  return JSON.parse(received.text) as T;
}

const isBusy = (received: Received): boolean =>
  received.status === 503 || (received.status === 422 && refusalOf(received).code === 'lock_acquisition_failed');

function refusalOf({ status, text }: Received): Refused {
  try {
    const { code, error_details: details } = JSON.parse(text) as { code?: string; error_details?: Refused['details'] };
    return { status, code, details: details ?? {} };
  } catch {
    return { status, code: undefined, details: {} };
  }
}
