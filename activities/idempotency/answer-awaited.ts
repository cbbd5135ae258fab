import type { EntityManager } from '@mikro-orm/postgresql';
import { noteBegun } from '../../db/queries/idempotency/idempotency-keys.ts';
import type { SessionLocks } from '../../db/session-locks.ts';
import {
  answerIn,
  earlierAnswer,
  keep,
  keyInUse,
  lockNameOf,
  ownKey,
  type Answer,
  orKeptRefusal,
  type AnsweredOnce,
  type Answering,
  type KeyedRequest,
} from './keyed-request.ts';

/** What a keyed request that awaits a workflow needs beside it. */
export interface Awaiting {
  readonly locks: SessionLocks;
  /** How long ago the request came. */
  readonly ageMs: () => number;
}

/**
 * Answers a request that awaits a workflow once for its key. What it writes has to be committed before the workflow can
 * do anything, so it cannot be one transaction with its answer. Instead the key is taken by a row before anything else
 * happens, and by a lock for as long as somebody works on it. Without the lock, a row without an answer is a request
 * that was cut off: whoever repeats it goes on with it, as if it had come when the first came
 * (docs/architecture/idempotency.md).
 *
 * @param work is safe to repeat by itself, as joining a workflow by its id is. It is told when the request first came,
 * and decides by that what it answers.
 * @throws Refusal 422 `idempotency_key_reused` when the key stands for another request, 409 `idempotency_key_in_use`
 * while somebody works on this one; what `work` throws and is not kept. The key stands for this request nevertheless.
 */
export async function answerAwaited<Given extends Answer>(
  em: EntityManager,
  request: KeyedRequest,
  { locks, ageMs }: Awaiting,
  answering: Answering,
  work: (em: EntityManager, cameAt: Date) => Promise<Given>,
): Promise<AnsweredOnce<Given>> {
  const { fault } = answering;
  const before = await earlierAnswer(em, request);
  if (before) return { given: before, repeated: true };
  const release = await locks.tryLock(lockNameOf(request));
  try {
    if (release) await noteBegun(em, request, request.fingerprint, ageMs());
    const begun = await ownKey(em, request);
    const meanwhile = begun && answerIn(begun, request);
    if (meanwhile) return { given: meanwhile, repeated: true };
    if (!release || !begun) throw keyInUse();
    fault('request:begun');
    const given = await orKeptRefusal(answering, work(em, begun.cameAt));
    fault('request:before-commit');
    const kept = await keep(em, request, given);
    fault('request:after-commit');
    // Had this server lost its lock, somebody else may have been quicker, and nobody is told two things.
    const other = kept ? null : await earlierAnswer(em, request);
    return other ? { given: other, repeated: true } : { given, repeated: false };
  } finally {
    await release?.();
  }
}
