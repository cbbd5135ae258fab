import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { viesStep, type ViesStep } from '../../billing/taxes/vies-check.ts';
import { markWaitingUntil, markWorking } from '../../db/acts/lanes.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { ViesCheck } from '../../db/entities/taxes/vies-check.ts';
import { invoicesAwaitingTaxes } from '../../db/queries/taxes/invoices-awaiting-taxes.ts';
import { doAct, type ActStages, type Busy } from '../acts/do-act.ts';
import type { CommandScope } from '../command-scope.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { flagDraftsOf } from '../invoices/flag-drafts.ts';
import { announceViesCheck } from './announce-vies-check.ts';
import { applyCustomerTaxes } from './apply-customer-taxes.ts';
import { taxFactsOf } from './save-customer-taxes.ts';
import { taxInvoiceAct } from './tax-invoice-act.ts';
import type { ViesArgument } from './vies-act.ts';

export type ViesOutcome =
  /** There is nothing left to ask. */
  | { readonly outcome: 'ended' }
  /** Its next try is a later one. */
  | { readonly outcome: 'waiting'; readonly dueAt: string }
  /** VIES is to be asked. */
  | { readonly outcome: 'ask'; readonly checkId: string; readonly version: number };

/** A customer whose number is checked, and the check with what it depends on. */
interface HeldCheck {
  readonly scope: CommandScope;
  readonly customerId: string;
  /** null: nothing is to be checked any more. */
  readonly pending: { readonly customer: Customer; readonly entity: BillingEntity; readonly check: ViesCheck } | null;
}

/**
 * Takes a customer's check one step further, in one transaction: applies what VIES has said, or says what is to be done
 * next (spec, money 1.7). May run any number of times, side by side too: an answer is taken by whoever clears it.
 */
export async function advanceViesCheck(
  dependencies: ActivityDependencies,
  argument: ViesArgument,
): Promise<ViesOutcome | Busy> {
  const result = await doAct(dependencies, advancing(dependencies), argument);
  if (result.outcome === 'ended') dependencies.fault('vies:ended');
  return result;
}

const advancing = ({
  realTime,
  fault,
}: ActivityDependencies): ActStages<ViesArgument, HeldCheck, HeldCheck, ViesStep, ViesOutcome> => ({
  name: 'vies',
  alreadyDone: { outcome: 'ended' },
  load: async (em, { organizationId, customerId }) => {
    const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
    const now = clockNow ?? realTime();
    return {
      scope: { organizationId, now, realTime: realTime() },
      customerId,
      pending: await holdCheck(em, customerId),
    };
  },
  hold: async (em, held, { actId }) => {
    // After the check: whoever ends checks takes its row and then the act's, in that order.
    await markWorking(em, actId);
    return held;
  },
  decide: ({ pending, scope }) => {
    if (pending === null) return { kind: 'end' };
    const { check, customer, entity } = pending;
    const { taxIdentificationNumber, attempts, nextAttemptAt = null, answer = null } = check;
    return viesStep(
      { taxIdentificationNumber, attempts, nextAttemptAt, answer },
      { customer: taxFactsOf(customer), billingEntityCountry: entity.country ?? null },
      scope.now,
    );
  },
  save: async (em, step, held, { actId }) => {
    if (step.kind === 'apply') fault('vies:before-apply');
    return saveStep(em, step, held, actId);
  },
});

/** Holds a customer's pending check to the end of the transaction; one that nobody wants any more is deleted. */
async function holdCheck(em: EntityManager, customerId: string): Promise<HeldCheck['pending']> {
  const pending = { customerId, answeredAt: null };
  const check = await em.findOne(ViesCheck, pending, { refresh: true, lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!check) return null;
  const customer = await em.findOneOrFail(Customer, { id: customerId }, { refresh: true });
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId }, { refresh: true });
  if (customer.deletedAt == null && entity.euTaxManagement) return { customer, entity, check };
  await em.remove(check).flush();
  return null;
}

async function saveStep(
  em: EntityManager,
  step: ViesStep,
  { scope, customerId, pending }: HeldCheck,
  actId: string,
): Promise<ViesOutcome> {
  if (step.kind === 'end' || pending === null) return endCheck(em, scope, customerId, actId);
  const { check, customer, entity } = pending;
  switch (step.kind) {
    case 'ask':
      return { outcome: 'ask', checkId: check.id, version: check.version };
    case 'wait':
      await markWaitingUntil(em, actId, step.until);
      return { outcome: 'waiting', dueAt: step.until.toISOString() };
    case 'retry':
      em.assign(check, {
        attempts: step.attempts,
        nextAttemptAt: step.until,
        lastAttemptAt: scope.now,
        lastErrorType: step.error.type,
        lastErrorMessage: step.error.message,
        answer: null,
      });
      await em.flush();
      await announceViesCheck(em, scope, customer, entity, step.error);
      await markWaitingUntil(em, actId, step.until);
      return { outcome: 'waiting', dueAt: step.until.toISOString() };
    case 'apply':
      em.assign(check, { answeredAt: scope.now, lastAttemptAt: scope.now, nextAttemptAt: null, answer: step.answer });
      await em.flush();
      await applyCustomerTaxes(em, scope, { customerId, codes: [step.code], decided: step.code });
      await announceViesCheck(em, scope, customer, entity, step.answer);
      return endCheck(em, scope, customerId, actId);
    default:
      return step satisfies never;
  }
}

/**
 * What waited for the check waits no longer, whatever has become of it: drafts are made anew, also where the taxes are
 * those of before, and invoices are made final.
 */
async function endCheck(
  em: EntityManager,
  { organizationId, now, realTime: at }: CommandScope,
  customerId: string,
  actId: string,
): Promise<ViesOutcome> {
  // Of more drafts than one page the dispatcher starts the act that flags the rest.
  await flagDraftsOf(em, { organizationId, changed: { kind: 'customer', id: customerId }, now, at });
  await releaseInvoices(em, { organizationId, customerId, now });
  await finishActs(em, [actId]);
  return { outcome: 'ended' };
}

/** Has the invoices taxed that waited for the check, each by an act of its own (spec, money 1.7). */
async function releaseInvoices(
  em: EntityManager,
  { organizationId, customerId, now }: { organizationId: string; customerId: string; now: Date },
): Promise<void> {
  const waiting = await invoicesAwaitingTaxes(em, organizationId, customerId);
  const acts = waiting.map((invoiceId) => taxInvoiceAct({ organizationId, customerId, invoiceId }));
  await wantActsAgain(em, acts, now, { startedBy: 'dispatcher' });
}
