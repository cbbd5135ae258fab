import type { SignatureAlgorithm } from '../../billing/webhooks/signature-algorithm.ts';
import { createHmac, sign, type KeyObject } from 'node:crypto';

/** How the receiver of a webhook can tell that it is ours (spec, api 4.2). */

/** What one endpoint's webhooks are signed with. */
export interface WebhookSigner {
  readonly privateKey: KeyObject;
  readonly hmacKey: string;
  /** The public address of the API. */
  readonly issuer: string;
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

const JWT_HEADER = base64url(JSON.stringify({ alg: 'RS256', typ: 'JWT' }));

/** A JWT that holds the exact body and never expires: a delivery may be tried for three days, and replayed later. */
function jwtOf(body: string, { privateKey, issuer }: WebhookSigner): string {
  const signed = `${JWT_HEADER}.${base64url(JSON.stringify({ data: body, iss: issuer }))}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

const hmacOf = (body: string, { hmacKey }: WebhookSigner): string =>
  createHmac('sha256', hmacKey).update(body).digest('base64');

/** The headers of a delivery beside those of every request. `uniqueKey` is the same at each try. */
export function webhookHeaders(
  body: string,
  algorithm: SignatureAlgorithm,
  uniqueKey: string,
  signer: WebhookSigner,
): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'X-Lago-Signature': algorithm === 'jwt' ? jwtOf(body, signer) : hmacOf(body, signer),
    'X-Lago-Signature-Algorithm': algorithm,
    'X-Lago-Unique-Key': uniqueKey,
  };
}
