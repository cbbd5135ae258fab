import type { EntityManager } from '@mikro-orm/postgresql';
import type { Request } from 'express';
import type { FaultPoint } from '../../activities/fault-point.ts';
import { answerAwaited, type Awaiting } from '../../activities/idempotency/answer-awaited.ts';
import { answerOnce } from '../../activities/idempotency/answer-once.ts';
import type { Answer, AnsweredOnce } from '../../activities/idempotency/keyed-request.ts';
import { secondWord } from '../http/authentication.ts';
import { IDEMPOTENCY_KEY, idempotencyKeyOf } from './key-header.ts';
import { keptRefusal } from './kept-refusal.ts';
import { requestFingerprint } from './request-fingerprint.ts';

export interface AskedFor {
  /** null: the operator. */
  readonly organizationId: string | null;
  /** As it was read; undefined: the route reads none, and whatever was sent does not count. */
  readonly body: unknown;
  readonly secretAnswer?: boolean | undefined;
  /** Given when the work awaits a workflow. */
  readonly awaiting?: Awaiting | undefined;
}

/**
 * Answers a request: as it comes, or, when it changes something and has an `Idempotency-Key`, once for that key.
 *
 * @param em sees what the work may see, and is in no transaction.
 * @param work is told when the request first came, where it goes on with one that was cut off; null: it comes now.
 * @throws Refusal 422 on `Idempotency-Key`; what `answerOnce` and `work` throw.
 */
export async function answerRequest<Given extends Answer>(
  em: EntityManager,
  request: Request,
  { organizationId, body, secretAnswer = false, awaiting }: AskedFor,
  fault: FaultPoint,
  work: (em: EntityManager, cameAt: Date | null) => Promise<Given>,
): Promise<AnsweredOnce<Given>> {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const key = reads ? null : idempotencyKeyOf(request.get(IDEMPOTENCY_KEY));
  if (key === null) return { given: await work(em, null), repeated: false };
  const credential = secretAnswer ? (secondWord(request.headers.authorization) ?? '') : null;
  const fingerprint = requestFingerprint({ method: request.method, url: request.originalUrl, body, credential });
  const keyed = { organizationId, key, fingerprint, sealedWith: credential };
  const answering = { keptRefusal, fault };
  if (awaiting) return answerAwaited(em, keyed, awaiting, answering, work);
  return answerOnce(em, keyed, answering, (transaction) => work(transaction, null));
}
