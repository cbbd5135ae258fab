import type { EntityManager } from '@mikro-orm/postgresql';
import type { FaultPoint } from '../../activities/fault-point.ts';
import { letActsJoin } from '../../activities/idempotency/idempotent-act.ts';
import { sql } from '../../db/sql.ts';
import {
  earlierAnswer,
  keep,
  keptRefusal,
  keyInUse,
  lockNameOf,
  type Answer,
  type AnsweredOnce,
  type KeyedRequest,
} from './keyed-request.ts';

/**
 * Answers a request once for its key: work and answer are one transaction, so either both are there or neither is, wherever a
 * crash comes (docs/architecture.md, The Idempotency-Key header). Whatever transactions the work opens are parts of it. A
 * refusal (4xx) undoes the work and is kept like any answer, unless it says that trying again may help.
 *
 * @param work does what the request asks for, through the given entity manager only.
 * @throws Refusal 422 `idempotency_key_reused` when the key stands for another request, 409 `idempotency_key_in_use` while the
 * first still runs; what `work` throws and is not kept.
 */
export async function answerOnce<Given extends Answer>(
  em: EntityManager,
  request: KeyedRequest,
  fault: FaultPoint,
  work: (em: EntityManager) => Promise<Given>,
): Promise<AnsweredOnce<Given>> {
  const before = await earlierAnswer(em, request);
  if (before) return { given: before, repeated: true };
  const answered = await em.transactional(async (transaction): Promise<AnsweredOnce<Given>> => {
    // Whoever has the lock runs; it ends with the transaction, also when the server dies.
    const locked = await tryLock(transaction, request);
    const meanwhile = await earlierAnswer(transaction, request);
    if (meanwhile) return { given: meanwhile, repeated: true };
    if (!locked) throw keyInUse();
    const given = await answerOf(transaction, work);
    await keep(transaction, request, given);
    fault('request:before-commit');
    return { given, repeated: false };
  });
  fault('request:after-commit');
  return answered;
}

/** In a savepoint, so that a refusal takes back what the work has done, and nothing else. */
async function answerOf<Given extends Answer>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<Given>,
): Promise<Given | Answer> {
  const joined = (inner: EntityManager): Promise<Given> => {
    letActsJoin(inner);
    return work(inner);
  };
  return em.transactional(joined).catch(keptRefusal);
}

/** Held to the end of the transaction, which a server that is gone without a word does not outlive for long (`db/orm.ts`). */
async function tryLock(em: EntityManager, request: KeyedRequest): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }>(
    em,
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked',
    [lockNameOf(request)],
  );
  return row?.locked === true;
}
