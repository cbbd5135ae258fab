import type { EntityManager } from '@mikro-orm/postgresql';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { closesPeriod } from '../../billing/calendar/next-duty.ts';
import { dueWork, type DueWork, type OpenPeriod } from '../../billing/subscriptions/due-work.ts';
import type * as due from '../../billing/subscriptions/due-work.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { readerOf } from '../../db/queries/joined-rows.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import {
  openPeriods,
  type OpenPeriodRow,
  type OpenPeriods,
  type OpenPeriodsOf,
} from '../../db/queries/subscriptions/open-periods.ts';
import { deletePlanId } from '../plans/delete-plan-act.ts';
import { dutyRanks } from './period-act.ts';
import { dueMoment, type BillingTiming } from '../billing-timing.ts';
import type { OwnInvoiceArgument } from './own-invoice-argument.ts';

/** Periods that one look takes of a customer; the rest is found by their own workflows. */
const LIMIT = 5000;

/** A period with the act that bills it; its rows are for reading. */
type ActPeriod = Omit<OpenPeriod, 'subscription' | 'plan'> &
  Pick<OpenPeriodRow, 'actId' | 'dueAt' | 'subscription' | 'plan'>;

export type DuePeriod = due.DuePeriod<ActPeriod>;
export type DueDuty = due.DueDuty<ActPeriod>;
export type DueGroup = due.DueGroup<ActPeriod>;

export interface DueCustomer extends Pick<DueWork<ActPeriod>, 'groups' | 'duties'> {
  readonly organization: { readonly id: string };
  readonly customer: Customer;
  /** The customer's own entity first. */
  readonly billingEntities: readonly BillingEntity[];
  readonly timeZone: string;
  /** The organization's clock. */
  readonly now: Date;
  readonly hasTestClock: boolean;
  /** Open acts of first invoices: of one subscription, the first invoice is made before its periods'. */
  readonly openStarts: readonly OwnInvoiceArgument[];
  /** Acts that are due later than their rows say: a time zone or an ending has changed, or a duty was done. */
  readonly notYetDue: readonly { readonly actId: string; readonly dueAt: Date; readonly rank: number }[];
}

/**
 * What is due of a customer, grouped into invoices (spec, subscriptions-and-invoices 4.2). Call it under the customer's
 * lock. The rows are for reading: a change of one is not saved.
 *
 * @param realNow real time, for live organizations.
 * @param ownActId the act that looks. When it has failed before and is tried again, it counts with all that failed on
 * its day: an invoice is made whole, never with a part of its subscriptions.
 */
export async function loadDue(
  em: EntityManager,
  organizationId: string,
  customerId: string,
  realNow: Date,
  timing: BillingTiming,
  ownActId: string,
): Promise<DueCustomer> {
  const asked = { organizationId, customerIds: [customerId], realNow, ownActId, limit: LIMIT };
  const [due] = await loadDueOf(em, asked, timing);
  if (!due) throw new Error(`customer ${customerId} is gone`);
  return due;
}

/** Whose due periods are asked for. */
export type DueOf = Omit<OpenPeriodsOf, 'planDeletionPrefix'>;

/** The same of many customers, in as many statements; those who are gone are left out. */
export async function loadDueOf(em: EntityManager, asked: DueOf, timing: BillingTiming): Promise<DueCustomer[]> {
  const open = await openPeriods<OwnInvoiceArgument>(em, { ...asked, planDeletionPrefix: deletePlanId('') });
  // Only a subscription that says so has another issuer than its customer.
  const issuers = await rowsById(
    readerOf(em),
    BillingEntity,
    [...open.values()].flatMap(({ periods }) => periods.map(({ subscription }) => subscription.billingEntityId)),
  );
  return [...open.values()].map((ofCustomer) => dueOf(ofCustomer, issuers, asked, timing));
}

function dueOf(
  { customer, billingEntity, clockNow, periods, openStarts }: OpenPeriods<OwnInvoiceArgument>,
  issuers: ReadonlyMap<string, BillingEntity>,
  { organizationId, realNow }: DueOf,
  timing: BillingTiming,
): DueCustomer {
  const hasTestClock = clockNow !== null;
  const now = clockNow ?? realNow;
  const timeZone = applicableTimeZone(customer, billingEntity);
  const { groups, duties, waiting } = dueWork(
    periods.map(({ planDeletedAt, ...period }): ActPeriod => ({
      ...period,
      timeZone: period.timeZone ?? timeZone,
      deletedAt: customer.deletedAt ?? planDeletedAt,
    })),
    { timeZone, billingEntityId: billingEntity.id, now, alertDays: timing.alertDays },
  );
  return {
    organization: { id: organizationId },
    customer,
    billingEntities: [billingEntity, ...issuers.values()],
    timeZone,
    now,
    hasTestClock,
    groups,
    duties,
    openStarts,
    // The act's own moment has come, delay included; that of its duty lies ahead.
    notYetDue: waiting.map(({ actId, duty }) => ({
      actId,
      dueAt: closesPeriod(duty) ? dueMoment(duty.dueAt, customer.id, hasTestClock, timing) : duty.dueAt,
      rank: dutyRanks[duty.kind],
    })),
  };
}
