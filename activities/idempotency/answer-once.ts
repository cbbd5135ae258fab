import type { EntityManager } from '@mikro-orm/postgresql';
import { tryLockKey } from '../../db/queries/idempotency/idempotency-keys.ts';
import { letActsJoin } from './idempotent-act.ts';
import {
  earlierAnswer,
  keep,
  keyInUse,
  lockNameOf,
  type Answer,
  orKeptRefusal,
  type AnsweredOnce,
  type Answering,
  type KeyedRequest,
} from './keyed-request.ts';

/**
 * Answers a request once for its key: work and answer are one transaction, so either both are there or neither is,
 * wherever a crash comes (docs/architecture/idempotency.md). Whatever transactions the work opens are
 * parts of it. A refusal (4xx) undoes the work and is kept like any answer, unless it says that trying again may help.
 *
 * @param work does what the request asks for, through the given entity manager only.
 * @throws Refusal 422 `idempotency_key_reused` when the key stands for another request, 409 `idempotency_key_in_use`
 * while the first still runs; what `work` throws and is not kept.
 */
export async function answerOnce<Given extends Answer>(
  em: EntityManager,
  request: KeyedRequest,
  answering: Answering,
  work: (em: EntityManager) => Promise<Given>,
): Promise<AnsweredOnce<Given>> {
  const before = await earlierAnswer(em, request);
  if (before) return { given: before, repeated: true };
  const answered = await em.transactional(async (transaction): Promise<AnsweredOnce<Given>> => {
    // Whoever has the lock runs; it ends with the transaction, also when the server dies.
    const locked = await tryLockKey(transaction, lockNameOf(request));
    const meanwhile = await earlierAnswer(transaction, request);
    if (meanwhile) return { given: meanwhile, repeated: true };
    if (!locked) throw keyInUse();
    const given = await orKeptRefusal(answering, inSavepoint(transaction, work));
    await keep(transaction, request, given);
    answering.fault('request:before-commit');
    return { given, repeated: false };
  });
  answering.fault('request:after-commit');
  return answered;
}

/** A refusal takes back what the work has done, and nothing else. */
const inSavepoint = <Given>(em: EntityManager, work: (em: EntityManager) => Promise<Given>): Promise<Given> =>
  em.transactional((inner) => {
    letActsJoin(inner);
    return work(inner);
  });
