import type { EntityManager } from '@mikro-orm/postgresql';
import { viesStep, type ViesStep } from '../../billing/taxes/vies-check.ts';
import { isAlarming } from '../../billing/taxes/vies-answer.ts';
import { markWaitingUntil, markWorking } from '../../db/acts/lanes.ts';
import { finishActs } from '../../db/acts/finish-acts.ts';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { ViesCheck } from '../../db/entities/taxes/vies-check.ts';
import { invoicesAwaitingTaxes } from '../../db/queries/taxes/invoices-awaiting-taxes.ts';
import { viesTriesTotal } from '../../telemetry/figures.ts';
import { doAct, ended, type ActStages, type Busy } from '../acts/do-act.ts';
import type { CommandScope } from '../command-scope.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { announceViesCheck } from './announce-vies-check.ts';
import { applyEuTaxes } from './apply-eu-taxes.ts';
import { taxFactsOf } from './save-customer-taxes.ts';
import { taxInvoiceAct } from './tax-invoice-act.ts';
import { viesId, type ViesArgument } from './vies-act.ts';

export type ViesOutcome =
  /** There is nothing left to ask. */
  | { readonly outcome: 'ended' }
  /** Its next try is a later one. */
  | { readonly outcome: 'waiting'; readonly dueAt: string }
  /** VIES is to be asked. */
  | { readonly outcome: 'ask'; readonly checkId: string; readonly version: number };

/** A check with what it depends on, held by its customer's lock. */
interface HeldCheck {
  readonly scope: CommandScope;
  readonly customer: Customer;
  readonly entity: BillingEntity;
  readonly check: ViesCheck;
}

/**
 * Takes a customer's check one step further, in one transaction: applies what VIES has said, or says what is to be done
 * next (spec, money 1.7). May run any number of times, side by side too: an answer is taken by whoever clears it.
 */
export const advanceViesCheck = (
  dependencies: ActivityDependencies,
  argument: ViesArgument,
): Promise<ViesOutcome | Busy> => doAct(dependencies, advancing(dependencies), argument);

const advancing = ({
  realTime,
  warn,
}: ActivityDependencies): ActStages<ViesArgument, HeldCheck, HeldCheck, ViesStep, ViesOutcome> => ({
  name: 'vies',
  alreadyDone: { outcome: 'ended' },
  load: async (em, { actId, organizationId, customerId }) => {
    await markWorking(em, actId);
    const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
    const now = clockNow ?? realTime();
    const held = await holdCheck(em, { organizationId, now, realTime: realTime() }, customerId);
    if (held) return held;
    await releaseInvoices(em, { organizationId, customerId, now });
    await finishActs(em, [actId]);
    return ended({ outcome: 'ended' });
  },
  hold: (_em, held) => Promise.resolve(held),
  decide: ({ check, customer, entity, scope }) =>
    viesStep(
      {
        ...check,
        nextAttemptAt: check.nextAttemptAt ?? null,
        answer: check.answer ?? null,
      },
      { customer: taxFactsOf(customer), billingEntityCountry: entity.country ?? null },
      scope.now,
    ),
  save: async (em, step, held) => {
    const outcome = await saveStep(em, step, held);
    if (step.kind === 'retry') {
      viesTriesTotal.inc({ result: step.error.type });
      if (isAlarming(step.error.type)) {
        warn('VIES refuses to answer us: see to VIES_REQUESTER_NUMBER, or to why we are blocked', {
          errorType: step.error.type,
          customerId: held.customer.id,
        });
      }
    }
    if (step.kind === 'apply') viesTriesTotal.inc({ result: step.answer.kind });
    return outcome;
  },
});

/** null when nothing is to be checked any more; a check that is left over is deleted. */
async function holdCheck(em: EntityManager, scope: CommandScope, customerId: string): Promise<HeldCheck | null> {
  const check = await em.findOne(ViesCheck, { customerId, answeredAt: null }, { refresh: true });
  if (!check) return null;
  const customer = await em.findOneOrFail(Customer, { id: customerId }, { refresh: true });
  const entity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId }, { refresh: true });
  if (customer.deletedAt == null && entity.euTaxManagement) return { scope, customer, entity, check };
  await em.remove(check).flush();
  return null;
}

async function saveStep(em: EntityManager, step: ViesStep, held: HeldCheck): Promise<ViesOutcome> {
  const { check, customer, entity, scope } = held;
  const actId = viesId(customer.id);
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
      // Of more drafts than one page the dispatcher starts the act that flags the rest.
      await applyEuTaxes(em, scope, customer.id, [step.code]);
      await announceViesCheck(em, scope, customer, entity, step.answer);
      await releaseInvoices(em, { organizationId: scope.organizationId, customerId: customer.id, now: scope.now });
      await finishActs(em, [actId]);
      return { outcome: 'ended' };
    default:
      return step satisfies never;
  }
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
