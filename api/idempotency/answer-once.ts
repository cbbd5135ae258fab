import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { FaultPoint } from '../../activities/fault-point.ts';
import { Refusal } from '../../billing/refusal.ts';
import { sql } from '../../db/sql.ts';
import { answerTo } from '../errors.ts';
import { openBody, sealBody } from './sealed-body.ts';

/** An answer as it goes out, apart from the headers that every answer has. */
export interface Answer {
  readonly status: number;
  /** JSON, or a plain text. */
  readonly body: string;
  /** The workflow that the `Durabill-Workflow-*` headers name. */
  readonly workflowId: string | null;
}

export interface KeyedRequest {
  /** null: the operator. */
  readonly organizationId: string | null;
  readonly key: string;
  /** What is asked for (`request-fingerprint.ts`). */
  readonly fingerprint: Buffer;
  /** Given when the answer holds a secret: it is kept encrypted with this. */
  readonly sealedWith: string | null;
  /**
   * The work awaits a workflow, so what it writes has to be committed before it can answer. It must be safe to repeat by
   * itself, as joining a workflow by its id is.
   */
  readonly awaitsWorkflow: boolean;
}

export type AnsweredOnce<Given extends Answer> =
  | { readonly repeated: false; readonly given: Given | Answer }
  /** An earlier request's answer. */
  | { readonly repeated: true; readonly given: Answer };

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
  const before = await keptAnswer(em, request);
  if (before) return { given: before, repeated: true };
  if (request.awaitsWorkflow) return { given: await answerThenKeep(em, request, work), repeated: false };
  const answered = await em.transactional(async (transaction): Promise<AnsweredOnce<Given>> => {
    // Whoever has the lock runs; it ends with the transaction, also when the server dies.
    const locked = await tryLock(transaction, request);
    const meanwhile = await keptAnswer(transaction, request);
    if (meanwhile) return { given: meanwhile, repeated: true };
    if (!locked) throw new Refusal({ kind: 'conflict', code: 'idempotency_key_in_use' });
    const given = await answerOf(transaction, work);
    await keep(transaction, request, given);
    fault('request:before-commit');
    return { given, repeated: false };
  });
  fault('request:after-commit');
  return answered;
}

async function answerThenKeep<Given extends Answer>(
  em: EntityManager,
  request: KeyedRequest,
  work: (em: EntityManager) => Promise<Given>,
): Promise<Given | Answer> {
  const given = await work(em).catch(keptRefusal);
  await keep(em, request, given);
  return given;
}

/** In a savepoint, so that a refusal takes back what the work has done, and nothing else. */
async function answerOf<Given extends Answer>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<Given>,
): Promise<Given | Answer> {
  return em.transactional(work).catch(keptRefusal);
}

/** @throws the error itself when its answer is not kept: ours (5xx), and what may be another one later. */
function keptRefusal(error: unknown): Answer {
  const refused = answerTo(error);
  if (!refused || refused.status >= 500 || refused.passes) throw error;
  return { status: refused.status, body: JSON.stringify(refused.body), workflowId: null };
}

/** Held to the end of the transaction, which a server that is gone without a word does not outlive for long (`db/orm.ts`). */
async function tryLock(em: EntityManager, { organizationId, key }: KeyedRequest): Promise<boolean> {
  const [row] = await sql<{ locked: boolean }>(
    em,
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as locked',
    [`idempotency key ${organizationId ?? 'admin'} ${key}`],
  );
  return row?.locked === true;
}

interface KeptRow {
  readonly fingerprint: Buffer;
  readonly status: number;
  readonly body: string;
  readonly sealed: boolean;
  readonly workflowId: string | null;
}

async function keptAnswer(em: EntityManager, request: KeyedRequest): Promise<Answer | null> {
  const [row] = await sql<KeptRow>(
    em,
    `select fingerprint, status, body, sealed, workflow_id as "workflowId" from idempotency_keys
     where organization_id is not distinct from $1::uuid and key = $2`,
    [request.organizationId, request.key],
  );
  if (!row) return null;
  if (!row.fingerprint.equals(request.fingerprint)) {
    throw new Refusal({ kind: 'unprocessable', code: 'idempotency_key_reused' });
  }
  const { status, body, sealed, workflowId } = row;
  return { status, body: sealed ? openBody(body, request.sealedWith ?? '') : body, workflowId };
}

/** Kept in real time: a key is for whoever repeats a request, whatever their test clock says. */
async function keep(em: EntityManager, request: KeyedRequest, { status, body, workflowId }: Answer): Promise<void> {
  const { organizationId, key, fingerprint, sealedWith } = request;
  await sql(
    em,
    `insert into idempotency_keys (id, organization_id, key, fingerprint, status, workflow_id, body, sealed, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())
     on conflict (organization_id, key) do nothing`,
    [
      v7(),
      organizationId,
      key,
      fingerprint,
      status,
      workflowId,
      sealedWith === null ? body : sealBody(body, sealedWith),
      sealedWith !== null,
    ],
  );
}
