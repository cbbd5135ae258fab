import type { EntityManager } from '@mikro-orm/postgresql';
import { lockAct } from '../../db/customer-lock.ts';
import { scopedTo } from '../../db/orm.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import type { ActName } from '../fault-point.ts';
import type { ActArgument } from './act-kind.ts';

/** What an act has done, for its transaction to commit. */
export interface Done<Outcome> {
  readonly done: Outcome;
}

export const done = <Outcome>(outcome: Outcome): Done<Outcome> => ({ done: outcome });

/** There is nothing to decide: it is done already, its moment is a later one, or somebody else is at work. */
export interface Ended<Outcome> {
  readonly ended: Outcome;
}

export const ended = <Outcome>(outcome: Outcome): Ended<Outcome> => ({ ended: outcome });

const isEnded = <Outcome>(result: object): result is Ended<Outcome> => 'ended' in result;

/** Somebody else has the customer's lock: wait durably and come again. */
export interface Busy {
  readonly outcome: 'busy';
}

/**
 * How an act that bills, or changes a customer's money, is done in one transaction that holds the customer's lock: what
 * it is about is loaded; what nobody else may change until the commit, or take at all, is held and read; the decision
 * is pure; the last stage writes it.
 */
export interface ActStages<Subject, Loaded extends object, Held extends object, Decision, Outcome> {
  readonly name: ActName;
  /** The outcome when the act's row says that it is done, or there is none. */
  readonly alreadyDone: Outcome;
  readonly load: (em: EntityManager, subject: Subject) => Promise<Loaded | Ended<Outcome>>;
  readonly hold: (em: EntityManager, loaded: Loaded, subject: Subject) => Promise<Held | Ended<Outcome>>;
  readonly decide: (held: Held, loaded: Loaded) => Decision;
  readonly save: (em: EntityManager, decision: Decision, loaded: Loaded, subject: Subject) => Promise<Outcome>;
}

type Parts = Pick<ActivityDependencies, 'orm' | 'fault' | 'actsWritten'>;

/** Does an act in a transaction of its own. It may run any number of times, side by side too. */
export const doAct = <Argument extends ActArgument, Loaded extends object, Held extends object, Decision, Outcome>(
  parts: Parts,
  stages: ActStages<Argument, Loaded, Held, Decision, Outcome>,
  argument: Argument,
): Promise<Outcome | Busy> =>
  doLocked(parts, stages.name, stages.alreadyDone, argument, (em) => runStages(em, stages, argument));

/** The same for an act that has no more stages than to load what it changes and to save it. */
export const doLocked = <Outcome>(
  parts: Parts,
  name: ActName,
  alreadyDone: Outcome,
  argument: ActArgument,
  work: (em: EntityManager) => Promise<Done<Outcome> | Ended<Outcome>>,
): Promise<Outcome | Busy> =>
  inActTransaction<Outcome | Busy>(parts, name, argument, (em) => underLock(em, alreadyDone, argument, work));

/** Does an act in a transaction that is open, before another act of the same customer. */
export async function doActWithin<
  Argument extends ActArgument,
  Loaded extends object,
  Held extends object,
  Decision,
  Outcome,
>(
  em: EntityManager,
  stages: ActStages<Argument, Loaded, Held, Decision, Outcome>,
  argument: Argument,
): Promise<Outcome | Busy> {
  const result = await underLock(em, stages.alreadyDone, argument, () => runStages(em, stages, argument));
  return isEnded<Outcome | Busy>(result) ? result.ended : result.done;
}

async function underLock<Outcome>(
  em: EntityManager,
  alreadyDone: Outcome,
  argument: ActArgument,
  work: (em: EntityManager) => Promise<Done<Outcome> | Ended<Outcome>>,
): Promise<Done<Outcome | Busy> | Ended<Outcome | Busy>> {
  const act = await lockAct(em, argument);
  if (!act || act.state === 'done') return ended(alreadyDone);
  if (!act.locked) return ended({ outcome: 'busy' });
  return work(em);
}

/** Does the stages alone, in the transaction of a caller who holds the customer's lock. */
export async function doStages<Subject, Loaded extends object, Held extends object, Decision, Outcome>(
  em: EntityManager,
  stages: ActStages<Subject, Loaded, Held, Decision, Outcome>,
  subject: Subject,
): Promise<Outcome> {
  const result = await runStages(em, stages, subject);
  return isEnded<Outcome>(result) ? result.ended : result.done;
}

async function runStages<Subject, Loaded extends object, Held extends object, Decision, Outcome>(
  em: EntityManager,
  { load, hold, decide, save }: ActStages<Subject, Loaded, Held, Decision, Outcome>,
  subject: Subject,
): Promise<Done<Outcome> | Ended<Outcome>> {
  const loaded = await load(em, subject);
  if (isEnded<Outcome>(loaded)) return loaded;
  const held = await hold(em, loaded, subject);
  if (isEnded<Outcome>(held)) return held;
  return done(await save(em, decide(held, loaded), loaded, subject));
}

/**
 * One transaction of an act, in its organization's scope, with the places before and after its commit where the fault
 * tests kill the process. The dispatcher is told afterwards that acts may have been written.
 */
export async function inActTransaction<Outcome>(
  { orm, fault, actsWritten }: Parts,
  name: ActName,
  { organizationId }: { readonly organizationId: string },
  work: (em: EntityManager) => Promise<Done<Outcome> | Ended<Outcome>>,
): Promise<Outcome> {
  const result = await scopedTo(orm.em, organizationId).transactional(async (em) => {
    const worked = await work(em);
    if (!isEnded(worked)) fault(`${name}:before-commit`);
    return worked;
  });
  if (isEnded<Outcome>(result)) return result.ended;
  fault(`${name}:after-commit`);
  actsWritten();
  return result.done;
}
