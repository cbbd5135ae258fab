import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { localDate } from '../../billing/calendar/local-date.ts';
import { INVOICE_POLICIES } from '../../billing/invoices/invoice-policy.ts';
import { dateSettings, invoiceDates } from '../../billing/invoices/invoice-dates.ts';
import { findAct } from '../../db/acts/find-acts.ts';
import { failActs } from '../../db/acts/finish-acts.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import { tryLockCustomer } from '../../db/customer-lock.ts';
import { InvoiceError } from '../../db/entities/invoices/invoice-error.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { Organization } from '../../db/entities/organizations/organization.ts';
import { loadOwnInvoiceContext } from './bill-own-invoice.ts';
import { invoiceIdFor, noteBilled, placeOf, successorsOf } from './bill-groups.ts';
import { isKind, kinds } from '../acts/kinds.ts';
import { done, ended, inActTransaction } from '../acts/do-act.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { loadDue } from './load-due.ts';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { invoiceHead, type InvoicePlace } from '../invoices/save-invoices.ts';
import type { OwnInvoiceArgument } from './own-invoice-argument.ts';

export interface FailedAct {
  readonly actId: string;
  readonly organizationId: string;
}

/**
 * Stores, in a transaction of its own, that an act could not bill: the invoice as `generating`, without fees or number,
 * with its error; the act as failed; and, where a period failed, the acts of the next periods, so that the bad one
 * holds up no later one. A later attempt fills the same row.
 */
export const recordBillingFailure = (
  dependencies: ActivityDependencies,
  failed: FailedAct,
  message: string,
): Promise<'recorded' | 'busy'> =>
  inActTransaction(dependencies, 'record-failure', failed, async (em) => {
    const outcome = await record(em, dependencies, failed, message);
    return outcome === 'busy' ? ended(outcome) : done(outcome);
  });

async function record(
  em: EntityManager,
  dependencies: ActivityDependencies,
  { actId, organizationId }: FailedAct,
  message: string,
): Promise<'recorded' | 'busy'> {
  const act = await findAct(em, { actId, organizationId });
  if (!act) return 'recorded';
  const { customerId } = act;
  if (customerId !== null && !(await tryLockCustomer(em, customerId))) return 'busy';
  const whenFailed = isKind(act.kind) ? kinds[act.kind].whenFailed : 'nothing';
  let invoiceId: string | null = null;
  switch (whenFailed) {
    case 'periodic invoice':
      if (customerId === null) throw new Error(`the act ${actId} is of no customer`);
      return recordPeriod(em, dependencies, { actId, organizationId, customerId }, message);
    case 'own invoice': {
      const argument = act.argument as unknown as OwnInvoiceArgument;
      const { place, plan, timeZone, now } = await loadOwnInvoiceContext(em, argument, dependencies.realTime());
      const day = localDate(new Date(argument.at), timeZone).toString();
      const occasion = { place, currency: plan.amountCurrency, timeZone, now, day, recurring: false };
      await storeGenerating(em, occasion, message);
      invoiceId = place.invoiceId;
      dependencies.warn('an invoice could not be made', { invoiceId, workflowId: actId, error: message });
      break;
    }
    case 'draft':
      // A draft that cannot be made anew or final stays as it is, and says why.
      if (act.invoiceId === null) throw new Error(`the act ${actId} is of no draft`);
      invoiceId = act.invoiceId;
      await storeDraftError(em, { organizationId, invoiceId, realNow: dependencies.realTime() }, message);
      dependencies.warn('a draft could not be made anew', { invoiceId, workflowId: actId, error: message });
      break;
    case 'nothing':
      dependencies.warn('an act failed', { workflowId: actId, error: message });
  }
  await failActs(em, [actId], message, invoiceId);
  return 'recorded';
}

async function recordPeriod(
  em: EntityManager,
  { realTime, timing, warn }: ActivityDependencies,
  { actId, organizationId, customerId }: FailedAct & { readonly customerId: string },
  message: string,
): Promise<'recorded'> {
  const due = await loadDue(em, organizationId, customerId, realTime(), timing, actId);
  const group = due.groups.find(({ periods }) => periods.some((period) => period.actId === actId));
  if (!group) {
    await failActs(em, [actId], message);
  } else {
    const invoiceId = await invoiceIdFor(em, due, group);
    const occasion = {
      place: { ...placeOf(due, group), invoiceId },
      currency: group.group.currency,
      timeZone: group.timeZone,
      now: due.now,
      day: group.billingDay,
      recurring: true,
    };
    await storeGenerating(em, occasion, message);
    const [periodsToContinue] = await noteBilled(em, [{ group }]);
    await wantActs(em, successorsOf(due, periodsToContinue!, timing), due.now, { startedBy: 'dispatcher' });
    warn('an invoice could not be made', { invoiceId, workflowId: actId, error: message });
    const failed = group.periods.map((period) => period.actId);
    await failActs(em, failed, message, invoiceId);
  }
  return 'recorded';
}

interface FailedInvoice {
  readonly place: InvoicePlace;
  readonly currency: string;
  readonly timeZone: string;
  /** The organization's clock. */
  readonly now: Date;
  /** `YYYY-MM-DD`: the local day that is billed. */
  readonly day: string;
  readonly recurring: boolean;
}

async function storeGenerating(em: EntityManager, failed: FailedInvoice, message: string): Promise<void> {
  const { place, currency, timeZone, now, day, recurring } = failed;
  const { customer, billingEntity, invoiceId } = place;
  const settings = dateSettings(customerSettings(customer), billingEntity);
  const { hasGracePeriod } = INVOICE_POLICIES.subscription;
  const dates = invoiceDates({ day: localDate(now, timeZone), hasGracePeriod, recurring }, settings);
  if (!(await em.findOne(Invoice, { id: invoiceId }))) {
    em.create(Invoice, {
      ...invoiceHead(place),
      invoiceType: 'subscription',
      status: 'generating',
      paymentStatus: 'pending',
      issuingDate: dates.issuingDate.toString(),
      paymentDueDate: dates.paymentDueDate.toString(),
      expectedFinalizationDate: dates.expectedFinalizationDate.toString(),
      netPaymentTerm: settings.netPaymentTerm,
      currency,
      timezone: timeZone,
    });
    await em.flush();
  }
  const details = { invoice_generation_error: message, billing_day: day };
  await storeError(em, { organizationId: customer.organizationId, invoiceId, now }, details);
}

async function storeDraftError(
  em: EntityManager,
  { organizationId, invoiceId, realNow }: { organizationId: string; invoiceId: string; realNow: Date },
  message: string,
): Promise<void> {
  if (!(await em.findOne(Invoice, { id: invoiceId, status: 'draft' }))) return;
  const { clockNow } = await em.findOneOrFail(Organization, { id: organizationId });
  await storeError(em, { organizationId, invoiceId, now: clockNow ?? realNow }, { invoice_generation_error: message });
}

/** One error an invoice: a new failure takes the place of the old (S054). */
async function storeError(
  em: EntityManager,
  { organizationId, invoiceId, now }: { organizationId: string; invoiceId: string; now: Date },
  details: Readonly<Record<string, string>>,
): Promise<void> {
  await em.nativeDelete(InvoiceError, { invoiceId, errorCode: 'invoice_generation_error' });
  em.create(InvoiceError, {
    id: v7(),
    organizationId,
    invoiceId,
    errorCode: 'invoice_generation_error',
    details,
    createdAt: now,
  });
  await em.flush();
}
