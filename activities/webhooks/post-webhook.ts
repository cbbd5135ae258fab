import type { LookupAddress } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AllowedNetworks } from './allowed-networks.ts';
import { HTTPS_ONLY, hostOf, whyRefused } from './webhook-target.ts';
import { messageOf } from '../../telemetry/message-of.ts';

export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the try where it is: nothing is known of it then. */
  readonly signal: AbortSignal;
}

/** What came of one try. */
export interface WebhookAnswer {
  readonly acknowledged: boolean;
  /** null: there was no answer. */
  readonly httpStatus: number | null;
  /** What the endpoint answered, cut; or why it could not be reached. */
  readonly response: string;
}

/** Sends one webhook once. @returns undefined when it was ended by its signal. */
export type PostWebhook = (post: WebhookPost) => Promise<WebhookAnswer | undefined>;

/** All addresses of a host name. */
export type ResolveHost = (host: string) => Promise<readonly LookupAddress[]>;

export interface PostOptions {
  /**
   * Addresses that webhooks may go to beside the public ones, and over http: development, tests, a network of one's
   * own.
   */
  readonly allowed: AllowedNetworks;
  readonly resolve?: ResolveHost;
  /** How long a try takes at most, from the look-up of the name to the end of the answer. */
  readonly limitMs?: number;
}

const LIMIT_MS = 30_000;

/** Spec, api 4.3: anything else is a failure, redirects included; they are never followed. */
const ACKNOWLEDGED = new Set([200, 201, 202, 204]);

/** What is read and kept of an answer. */
const RESPONSE_BYTES = 64 * 1024;

/** Why a try was not made. */
class Refused extends Error {}

/**
 * Makes the function that posts webhooks. The host's name is looked up at each try, every address is checked, and the
 * connection goes to the checked addresses and no others: a name that changes its address in between changes nothing.
 */
export function makePostWebhook({ allowed, resolve = resolveHost, limitMs = LIMIT_MS }: PostOptions): PostWebhook {
  return async ({ url, headers, body, signal }) => {
    const limit = AbortSignal.timeout(limitMs);
    const ended = AbortSignal.any([signal, limit]);
    try {
      const target = new URL(url);
      const addresses = await unlessEnded(addressesOf(target, { allowed, resolve }), ended);
      return await send(target, addresses, { headers, body, signal: ended });
    } catch (error) {
      if (signal.aborted) return undefined;
      return { acknowledged: false, httpStatus: null, response: limit.aborted ? noAnswer(limitMs) : reasonOf(error) };
    }
  };
}

const noAnswer = (limitMs: number): string => `no answer within ${limitMs / 1000} s`;

/** @throws Refused when the URL, or one address of its host, is neither allowed nor of the public internet. */
async function addressesOf(
  target: URL,
  { allowed, resolve }: { readonly allowed: AllowedNetworks; readonly resolve: ResolveHost },
): Promise<readonly LookupAddress[]> {
  const { protocol } = target;
  if (protocol !== 'https:' && protocol !== 'http:') throw new Refused(HTTPS_ONLY);
  const host = hostOf(target);
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  if (addresses.length === 0) throw new Error('the host has no address');
  const reason = whyRefused(
    protocol,
    addresses.map(({ address }) => address),
    allowed,
  );
  if (reason !== undefined) throw new Refused(reason);
  return addresses;
}

/**
 * All addresses of a host, by DNS; a name that DNS does not have may be one of this machine's own (`/etc/hosts`). DNS
 * comes first because the system's look-up holds one of a few threads for as long as a slow name server takes.
 */
async function resolveHost(host: string): Promise<readonly LookupAddress[]> {
  const resolver = new Resolver({ timeout: 4000, tries: 2 });
  const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = [
    ...(ipv4.status === 'fulfilled' ? ipv4.value.map((address) => ({ address, family: 4 })) : []),
    ...(ipv6.status === 'fulfilled' ? ipv6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  return found.length > 0 ? found : lookup(host, { all: true });
}

/** Waits for something that cannot be ended, until the signal. */
async function unlessEnded<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([promise, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function send(
  target: URL,
  addresses: readonly LookupAddress[],
  { headers, body, signal }: Omit<WebhookPost, 'url'>,
): Promise<WebhookAnswer> {
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const checked: LookupFunction = (_host, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request({
      method: 'POST',
      protocol: target.protocol,
      hostname: hostOf(target),
      port: target.port,
      path: target.pathname + target.search,
      headers: { 'User-Agent': 'durabill', Accept: '*/*', 'Content-Length': Buffer.byteLength(body), ...headers },
      lookup: checked,
      // A connection of its own, and no proxy: an agent could bring one that was made for another address.
      agent: false,
      signal,
    });
    outgoing.once('response', resolve).once('error', reject).end(body);
  });
  const httpStatus = answer.statusCode ?? 0;
  return { acknowledged: ACKNOWLEDGED.has(httpStatus), httpStatus, response: await textOf(answer) };
}

/** What came of the answer's body before it ended, broke off or grew too long: the status alone decides. */
async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, RESPONSE_BYTES - bytes));
      bytes += chunk.length;
      if (bytes >= RESPONSE_BYTES) break;
    }
  } catch {
    // An answer that breaks off has a status all the same.
  }
  answer.destroy();
  return storable(Buffer.concat(chunks).toString('utf8'));
}

/** PostgreSQL holds no NUL; each replaced byte of what was no UTF-8 takes three. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').slice(0, RESPONSE_BYTES).toWellFormed();

function reasonOf(error: unknown): string {
  if (error instanceof Refused) return `refused: ${error.message}`;
  const inner = error instanceof AggregateError && error.message === '' ? (error.errors[0] as unknown) : error;
  return storable(messageOf(inner));
}
