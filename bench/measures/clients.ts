import type { Installation } from '../installation/installation.ts';
import { percentile } from './percentile.ts';

export interface Load {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** A second. */
  readonly rate: number;
}

/** So many requests by so many clients, each of which asks again as soon as it is answered. */
export async function load(
  clients: number,
  requests: number,
  request: (index: number) => Promise<unknown>,
): Promise<Load> {
  const times: number[] = [];
  let next = 0;
  const began = performance.now();
  const client = async (): Promise<void> => {
    for (let index = next++; index < requests; index = next++) {
      const start = performance.now();
      await request(index);
      times.push(performance.now() - start);
    }
  };
  // All of them end before one's failure is told: what they use may be closed then.
  const ended = await Promise.allSettled(Array.from({ length: clients }, client));
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
  const seconds = (performance.now() - began) / 1000;
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), rate: requests / seconds };
}

export interface ApiClient {
  readonly organizationId: string;
  /** @throws Error for an answer that is not one of success. */
  readonly post: (path: string, body: unknown) => Promise<void>;
  /** The same, with the answer. */
  readonly ask: (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<Response>;
}

/** A new organization's client. */
export async function apiClient(url: string, { adminKey }: Installation): Promise<ApiClient> {
  const send = async (key: string, method: string, path: string, body: unknown): Promise<Response> => {
    const response = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const made = await send(adminKey, 'POST', '/admin/organizations', { organization: { name: 'Bench' } });
  const { organization } = (await made.json()) as {
    readonly organization: { readonly api_key: string; readonly lago_id: string };
  };
  return {
    organizationId: organization.lago_id,
    post: async (path, body) => {
      // The whole answer is awaited, but reading it is no work of ours.
      await (await send(organization.api_key, 'POST', path, body)).arrayBuffer();
    },
    ask: (method, path, body) => send(organization.api_key, method, path, body),
  };
}
