import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { localDate } from '../billing/calendar/local-date.ts';
import { dateSettings, invoiceDates } from '../billing/invoices/invoice-dates.ts';
import { failActs } from '../db/acts.ts';
import { tryLockCustomer } from '../db/customer-lock.ts';
import { InvoiceError } from '../db/entities/invoice-error.ts';
import { Invoice } from '../db/entities/invoice.ts';
import { scopedTo } from '../db/orm.ts';
import { sql } from '../db/sql.ts';
import { finishPeriods, invoiceIdFor, placeOf } from './bill-period.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { loadDue, type DueCustomer, type DueGroup } from './due-periods.ts';
import { customerSettings } from './invoice-facts.ts';
import { invoiceHead } from './save-invoice.ts';
import type { PeriodArgument } from './wanted-acts.ts';

/**
 * Stores, in a transaction of its own, that a group could not be billed: the invoice as `generating`, without fees or number,
 * with its error; the acts as failed; and the acts of the next periods, so that the bad period holds up no later one. A later
 * attempt fills the same row.
 */
export async function recordBillingFailure(
  dependencies: ActivityDependencies,
  argument: PeriodArgument,
  message: string,
): Promise<'recorded' | 'busy'> {
  const em = scopedTo(dependencies.orm.em, argument.organizationId);
  const outcome = await em.transactional((inner) => record(inner, dependencies, argument, message));
  dependencies.actsWritten();
  return outcome;
}

async function record(
  em: EntityManager,
  { realTime, timing, warn }: ActivityDependencies,
  { actId, organizationId }: PeriodArgument,
  message: string,
): Promise<'recorded' | 'busy'> {
  const [act] = await sql<{ customerId: string }>(
    em,
    `select customer_id as "customerId" from acts where id = $1 and organization_id = $2`,
    [actId, organizationId],
  );
  if (!act) return 'recorded';
  if (!(await tryLockCustomer(em, act.customerId))) return 'busy';
  const due = await loadDue(em, organizationId, act.customerId, realTime(), timing, actId);
  const group = due.groups.find(({ periods }) => periods.some((period) => period.actId === actId));
  if (group) {
    const invoiceId = await storeGenerating(em, due, group, message);
    await finishPeriods(em, due, group, timing);
    warn('an invoice could not be made', { invoiceId, workflowId: actId, error: message });
  }
  await failActs(em, group ? group.periods.map((period) => period.actId) : [actId], message);
  return 'recorded';
}

async function storeGenerating(em: EntityManager, due: DueCustomer, group: DueGroup, message: string): Promise<string> {
  const { timeZone, now } = due;
  const place = { ...placeOf(due, group), invoiceId: await invoiceIdFor(em, due, group) };
  const settings = dateSettings(customerSettings(due.customer), place.billingEntity);
  const dates = invoiceDates({ day: localDate(now, timeZone), hasGracePeriod: true, recurring: true }, settings);
  if (!(await em.findOne(Invoice, { id: place.invoiceId }))) {
    em.create(Invoice, {
      ...invoiceHead(place),
      status: 'generating',
      paymentStatus: 'pending',
      issuingDate: dates.issuingDate.toString(),
      paymentDueDate: dates.paymentDueDate.toString(),
      expectedFinalizationDate: dates.expectedFinalizationDate.toString(),
      netPaymentTerm: settings.netPaymentTerm,
      currency: group.group.currency,
      timezone: timeZone,
    });
    await em.flush();
  }
  em.create(InvoiceError, {
    id: v7(),
    organizationId: due.organization.id,
    invoiceId: place.invoiceId,
    errorCode: 'invoice_generation_error',
    details: { invoice_generation_error: message, billing_day: group.billingDay },
    createdAt: now,
  });
  await em.flush();
  return place.invoiceId;
}
