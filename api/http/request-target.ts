import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { Refusal } from '../../billing/refusal.ts';

const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/is;

/**
 * The path and query of a request line's target, so that everything behind sees one form of it only. The authority of
 * an absolute target is not looked at beyond its form: durabill has one site.
 *
 * @returns undefined for a target that names no path.
 */
export function readTarget(method: string, target: string): string | undefined {
  if (target === '*') return method === 'OPTIONS' ? target : undefined;
  const [, authority, path = target] = ABSOLUTE.exec(target) ?? [];
  if (authority !== undefined && !URL.canParse(`http://${authority}/`)) return undefined;
  const [ofPath = ''] = path.split('#', 1);
  const origin = authority !== undefined && !ofPath.startsWith('/') ? `/${ofPath}` : ofPath;
  return origin.startsWith('/') ? origin : undefined;
}

/** Requests whose target could not be read. */
const unreadable = new WeakSet<IncomingMessage>();

/** Puts what `readTarget` has read in the place of the target, before anything else looks at it. */
export function normalizeTarget(request: IncomingMessage): void {
  const target = readTarget(request.method ?? '', request.url ?? '');
  if (target === undefined) unreadable.add(request);
  request.url = target ?? '/';
}

/** 400 for a target that could not be read. */
export const refuseUnreadableTarget: RequestHandler = (request, _response, next) => {
  next(unreadable.has(request) ? badRequest('the request target cannot be read') : undefined);
};

/** HTTP/1.1 demands a host (RFC 9112, 3.2), although durabill does not look at it. */
export const refuseHostless: RequestHandler = (request, _response, next) => {
  const isMissing = request.httpVersion === '1.1' && request.headers.host === undefined;
  next(isMissing ? badRequest('the Host header is missing') : undefined);
};

const badRequest = (text: string): Refusal => new Refusal({ kind: 'bad_request', text });
