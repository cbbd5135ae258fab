import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal } from '../../billing/refusal.ts';
import { findKey, keepAnswer, type KeptKey, type KeyOwner } from '../../db/queries/idempotency/idempotency-keys.ts';
import { answerTo } from '../http/errors.ts';
import { openBody, sealBody } from './sealed-body.ts';

/** An answer as it goes out, apart from the headers that every answer has. */
export interface Answer {
  readonly status: number;
  /** JSON, or a plain text. */
  readonly body: string;
  /** The workflow that the `Durabill-Workflow-*` headers name. */
  readonly workflowId: string | null;
}

/** A request with an `Idempotency-Key`. */
export interface KeyedRequest extends KeyOwner {
  /** What is asked for (`request-fingerprint.ts`). */
  readonly fingerprint: Buffer;
  /** Given when the answer holds a secret: it is kept encrypted with this. */
  readonly sealedWith: string | null;
}

export type AnsweredOnce<Given extends Answer> =
  | { readonly repeated: false; readonly given: Given | Answer }
  /** An earlier request's answer. */
  | { readonly repeated: true; readonly given: Answer };

/** The lock of whoever works for a key; all others are told so, and none waits. */
export const lockNameOf = ({ organizationId, key }: KeyOwner): string =>
  `idempotency key ${organizationId ?? 'admin'} ${key}`;

export const keyInUse = (): Refusal => new Refusal({ kind: 'conflict', code: 'idempotency_key_in_use' });

/**
 * What the key of a request stands for so far.
 *
 * @throws Refusal 422 `idempotency_key_reused` when that is another request.
 */
export async function ownKey(em: EntityManager, request: KeyedRequest): Promise<KeptKey | undefined> {
  const found = await findKey(em, request);
  if (found && !found.fingerprint.equals(request.fingerprint)) {
    throw new Refusal({ kind: 'unprocessable', code: 'idempotency_key_reused' });
  }
  return found;
}

/** The answer that an earlier request was given; null: none. @throws Refusal as `ownKey`. */
export async function earlierAnswer(em: EntityManager, request: KeyedRequest): Promise<Answer | null> {
  const found = await ownKey(em, request);
  return found ? answerIn(found, request) : null;
}

/** The same of what was read before. */
export function answerIn({ answer }: KeptKey, { sealedWith }: KeyedRequest): Answer | null {
  if (!answer) return null;
  const { status, body, sealed, workflowId } = answer;
  return { status, body: sealed ? openBody(body, sealedWith ?? '') : body, workflowId };
}

/** @returns false when the key has an answer already. */
export function keep(em: EntityManager, request: KeyedRequest, { status, body, workflowId }: Answer): Promise<boolean> {
  const { fingerprint, sealedWith } = request;
  const sealed = sealedWith !== null;
  return keepAnswer(em, request, fingerprint, {
    status,
    body: sealed ? sealBody(body, sealedWith) : body,
    sealed,
    workflowId,
  });
}

/** @throws the error itself when its answer is not kept: ours (5xx), and what may be another one later. */
export function keptRefusal(error: unknown): Answer {
  const refused = answerTo(error);
  if (!refused || refused.status >= 500 || refused.passes) throw error;
  return { status: refused.status, body: JSON.stringify(refused.body), workflowId: null };
}
