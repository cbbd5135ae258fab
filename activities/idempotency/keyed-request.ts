import type { EntityManager } from '@mikro-orm/postgresql';
import { Refusal } from '../../billing/refusal.ts';
import { findKey, keepAnswer, type KeptKey, type KeyOwner } from '../../db/queries/idempotency/idempotency-keys.ts';
import type { FaultPoint } from '../fault-point.ts';
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

/** How a keyed request is answered. */
export interface Answering {
  /**
   * The answer of what refuses the request, which is kept like any other; null: the error has none, or one that is not
   * kept, since the same request may be answered otherwise later.
   */
  readonly keptRefusal: (error: unknown) => Answer | null;
  /** Where the fault tests kill the process. */
  readonly fault: FaultPoint;
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

/** What the work answers, or what refuses it. @throws what `work` throws and is not kept. */
export async function orKeptRefusal<Given extends Answer>(
  { keptRefusal }: Answering,
  work: Promise<Given>,
): Promise<Given | Answer> {
  return work.catch((error: unknown) => {
    const kept = keptRefusal(error);
    if (!kept) throw error;
    return kept;
  });
}
