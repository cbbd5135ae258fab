import { AsyncLocalStorage } from 'node:async_hooks';
import { TransactionContext, type EntityManager } from '@mikro-orm/postgresql';
import { idempotencyKey, type Facts } from '../../billing/idempotency/idempotency-key.ts';
import { deleteRecordsOf, insertRecord, resourceOfRecord } from '../../db/queries/idempotency/idempotency-records.ts';

/*
 * The third guard against doing something twice, for acts whose facts span several tables, so that no unique index can
 * say what makes them unique (docs/architecture/acts.md, Three guards; spec, behaviours S001 to S006):
 *
 *   const outcome = await idempotentAct(em, { name: 'bill_progressively', organizationId, now }, async (em) => {
 *     const invoice = await saveProgressiveInvoice(em, facts);
 *     return declareFacts({ type: 'Invoice', id: invoice.id }, { invoiced_usage, threshold_amount }).done(invoice.id);
 *   });
 *
 * Everything that the callback writes and one record for each declared resource commit together. A second act with the
 * same facts ends with `AlreadyDone` and leaves nothing behind.
 */

/** What an act makes: its records name it, and its facts can be released with it. */
export interface Resource {
  readonly type: string;
  /** A uuid. */
  readonly id: string;
}

export interface IdempotentAct {
  /** Part of the key: the same facts of another act are other facts. */
  readonly name: string;
  readonly organizationId: string;
  /** The organization's clock. */
  readonly now: Date;
}

export type ActOutcome<T> =
  | { readonly outcome: 'done'; readonly value: T }
  /** On purpose: nothing was written. */
  | { readonly outcome: 'rolled_back' };

/** What the callback returns to have everything rolled back, without a record and without an error. */
export const rollBack = Symbol('roll back');

/** What went wrong is in the code or already done: trying again does not help. */
export class IdempotencyError extends Error {
  override readonly name: string = 'IdempotencyError';
}

/** An act with these facts has committed before. The message says which values collided (S005). */
export class AlreadyDone extends IdempotencyError {
  override readonly name = 'AlreadyDone';
  /** What the earlier act made; null: nothing that could be named. */
  readonly resource: Resource | null;
  readonly facts: Readonly<Record<string, string>>;

  constructor(act: string, resource: Resource | null, facts: Readonly<Record<string, string>>) {
    const values = Object.entries(facts).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const made = resource ? `${resource.type} ${resource.id}` : 'an act without a resource';
    super(`${act} was done already: ${made} has the same ${values.join(', ')}`);
    this.resource = resource;
    this.facts = facts;
  }
}

/** The callback ended without having declared any fact. */
export class NothingDeclared extends IdempotencyError {
  override readonly name = 'NothingDeclared';
}

/** A declaration without any named value. */
export class NoNamedValue extends IdempotencyError {
  override readonly name = 'NoNamedValue';
}

/** A declaration where no act is open. */
export class OutsideAct extends IdempotencyError {
  override readonly name = 'OutsideAct';
}

/**
 * An act opened while a transaction is open, other than its request's: somebody else could commit its record, or roll
 * it back.
 */
export class ActInsideTransaction extends IdempotencyError {
  override readonly name = 'ActInsideTransaction';
}

/** The callback ended without `done` of its own act. */
export class LeftEarly extends IdempotencyError {
  override readonly name = 'LeftEarly';
}

/** Two resources of one act with the same facts: their records would be one. */
export class SameFactsTwice extends IdempotencyError {
  override readonly name = 'SameFactsTwice';
}

interface OpenAct {
  readonly declarations: Map<string, { readonly resource: Resource | null; facts: Record<string, string> }>;
  /** What was begun in the callback and goes on behind it must not declare any more. */
  open: boolean;
}

/** Per chain of calls, never per process: acts run side by side. */
const openActs = new AsyncLocalStorage<OpenAct>();

/** The end of an act with its value. Not exported, so that only a declaration makes one. */
class Done<T> {
  readonly #act: OpenAct;
  readonly #value: T;

  constructor(act: OpenAct, value: T) {
    this.#act = act;
    this.#value = value;
  }

  /** @throws LeftEarly, NothingDeclared for what is not the end of this act, whatever the types say. */
  static valueOf<T>(ending: Done<T>, act: OpenAct): T {
    if ((ending as unknown) instanceof Done && ending.#act === act) return ending.#value;
    if (act.declarations.size === 0) throw new NothingDeclared('the act ended without having declared its facts');
    throw new LeftEarly('the act ended without `done`');
  }
}

export type { Done };

/** What a declaration gives: the only way to end the act. */
export interface Declared {
  readonly done: <T>(value: T) => Done<T>;
}

/**
 * Declares facts that make the running act unique. Each resource gets a record of its own; facts declared twice for one
 * resource are merged, the later value wins.
 *
 * @param resource what the act makes; null for a record without one.
 * @throws OutsideAct, NoNamedValue.
 */
export function declareFacts(resource: Resource | null, facts: Facts): Declared {
  const act = openActs.getStore();
  if (!act?.open) throw new OutsideAct('facts can be declared in an act only');
  const named = Object.entries(facts).map(([name, value]) => [name, String(value)] as const);
  if (named.length === 0) throw new NoNamedValue('a declaration must name at least one value');
  const key = JSON.stringify(resource && [resource.type, resource.id]);
  const before = act.declarations.get(key)?.facts;
  act.declarations.set(key, { resource, facts: { ...before, ...Object.fromEntries(named) } });
  return { done: (value) => new Done(act, value) };
}

/** Ends the transaction of a deliberate rollback; never leaves this file. */
class RolledBack extends Error {}

/** Transactions that are opened for whatever a request does. */
const transactionsOfRequests = new WeakSet<EntityManager>();

/**
 * Lets acts be parts of a transaction: each is a savepoint of it, and its record commits or goes with all that the
 * request does. For whoever makes a request with an `Idempotency-Key` one transaction, and nobody else: a handler is
 * not to know whether its request has a key.
 */
export const letActsJoin = (em: EntityManager): void => void transactionsOfRequests.add(em);

/** Whether the open transaction is a request's, and not one that was opened within it. */
const isTheirs = (em: EntityManager): boolean =>
  transactionsOfRequests.has(em) && TransactionContext.getEntityManager(em.name) === em;

/**
 * Does an act once for its facts, in a transaction of its own, or as a savepoint of its request's (`letActsJoin`).
 *
 * @param work writes through the given entity manager only, declares its facts and returns what `done` gives, or
 * `rollBack`.
 * @throws AlreadyDone when an act with the same facts has committed; other `IdempotencyError`s for wrong use; anything
 * that `work` throws, unchanged. In each case nothing is written.
 */
export async function idempotentAct<T>(
  em: EntityManager,
  { name, organizationId, now }: IdempotentAct,
  work: (transaction: EntityManager) => Promise<Done<T> | typeof rollBack>,
): Promise<ActOutcome<T>> {
  // Checked before a context is made, so that a refused inner act leaves the outer one as it was.
  const openTransaction = em.isInTransaction() || TransactionContext.currentTransactionContext();
  if (openTransaction && !isTheirs(em)) {
    throw new ActInsideTransaction(`${name} must open its own transaction, and one is open`);
  }
  const act: OpenAct = { declarations: new Map(), open: true };
  try {
    const value = await em.transactional(async (transaction) => {
      const ending = await openActs.run(act, () => work(transaction));
      if (ending === rollBack) throw new RolledBack();
      const result = Done.valueOf(ending, act);
      // Before the flush, so that a repetition is told as such and not by whatever unique index it would meet first.
      await writeRecords(transaction, { name, organizationId, now }, act);
      return result;
    });
    return { outcome: 'done', value };
  } catch (error) {
    if (error instanceof RolledBack) return { outcome: 'rolled_back' };
    throw error;
  } finally {
    act.open = false;
  }
}

/** In the order of the keys: two acts that share several facts wait for each other, never both. */
async function writeRecords(em: EntityManager, act: IdempotentAct, { declarations }: OpenAct): Promise<void> {
  const records = await Promise.all(
    [...declarations.values()].map(async ({ resource, facts }) => {
      const key = Buffer.from(await idempotencyKey(act.name, act.organizationId, facts));
      return { key, resource, facts };
    }),
  );
  const sorted = records.toSorted((one, other) => Buffer.compare(one.key, other.key));
  if (sorted.some(({ key }, index) => sorted[index + 1]?.key.equals(key))) {
    throw new SameFactsTwice(`two resources of ${act.name} declare the same facts`);
  }
  for (const { key, resource, facts } of sorted) {
    const record = { act: act.name, organizationId: act.organizationId, createdAt: act.now };
    // Should the facts be released just then, the second try writes the record.
    for (let tries = 0; !(await insertRecord(em, { ...record, key, resource, facts })); tries++) {
      const made = await resourceOfRecord(em, key);
      if (made !== undefined || tries === 2) throw new AlreadyDone(act.name, made ?? null, facts);
    }
  }
}

/**
 * Releases the facts of a resource, in the transaction that undoes it: the act can be done again (spec, decisions:
 * voiding a progressive invoice). A resource without records is left as it is.
 *
 * @returns how many records were released.
 */
export const releaseFacts = (em: EntityManager, organizationId: string, resource: Resource): Promise<number> =>
  deleteRecordsOf(em, organizationId, resource);
