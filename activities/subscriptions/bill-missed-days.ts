import type { EntityManager } from '@mikro-orm/postgresql';
import { localDate } from '../../billing/calendar/local-date.ts';
import { Refusal } from '../../billing/refusal.ts';
import { dutyRanks } from './period-act.ts';
import { lockCustomer, tryLockCustomer } from '../../db/customer-lock.ts';
import { makeOwnInvoice } from './bill-own-invoice.ts';
import { billGroups } from './bill-groups.ts';
import { comesBefore, openStartOf } from './bill-period.ts';
import type { BillingTiming } from '../billing-timing.ts';
import { doDuty } from './do-duty.ts';
import { loadDue, type DueDuty } from './load-due.ts';
import { isTransient } from '../failures.ts';
import { noFault } from '../fault-point.ts';

/** Invoices that one request makes up at most; what is left stays with the periods' own workflows. */
const MAX_INVOICES = 50;

export interface MissedDays {
  readonly organizationId: string;
  readonly customerId: string;
  /** Real time, for live organizations; a test clock is read with what is due. */
  readonly realNow: Date;
  readonly timing: BillingTiming;
  /** Days before the local day of this moment; absent: before today. */
  readonly until?: Date;
  /** A request waits for the customer's lock, a workflow only tries. */
  readonly lock?: 'wait' | 'try';
}

/**
 * Does what a customer has been due for on days before today, oldest first, one transaction an invoice or a duty, as a
 * request must before it ends or changes a subscription (spec, subscriptions-and-invoices 4.5.5, 4.5.6). In a healthy
 * system there is nothing. What cannot be billed is left to its own workflow, which records why.
 *
 * @throws Refusal 422 `lock_acquisition_failed`.
 */
export async function billMissedDays(em: EntityManager, missed: MissedDays): Promise<void> {
  const { organizationId, customerId, realNow, timing, until, lock = 'wait' } = missed;
  for (let left = MAX_INVOICES; left > 0; left--) {
    const isBilled = await em
      .fork({ keepTransactionContext: true })
      .transactional(async (inner) => {
        if (lock === 'wait') await lockCustomer(inner, customerId);
        else if (!(await tryLockCustomer(inner, customerId))) throw busy();
        const due = await loadDue(inner, organizationId, customerId, realNow, timing, '');
        const today = localDate(until ?? due.now, due.timeZone).toString();
        const group = due.groups.find(({ billingDay }) => billingDay < today);
        const duty = oldestOf(due.duties.filter(({ day }) => day < today));
        if (duty && (!group || comesBefore(duty, group))) {
          await doDuty(inner, { timing }, due, duty);
          return true;
        }
        if (!group) return false;
        const start = openStartOf(due, group);
        if (start) await makeOwnInvoice(inner, { fault: noFault, realTime: () => realNow }, start);
        else await billGroups(inner, { timing, fault: noFault }, [{ due, group }], null);
        return true;
      })
      .catch((error: unknown) => {
        if (isTransient(error) || error instanceof Refusal) throw error;
        return false;
      });
    if (!isBilled) return;
  }
}

const oldestOf = (duties: readonly DueDuty[]): DueDuty | undefined =>
  duties.toSorted(
    (one, other) => one.day.localeCompare(other.day) || dutyRanks[one.duty.kind] - dutyRanks[other.duty.kind],
  )[0];

const busy = (): Refusal => new Refusal({ kind: 'lock_busy' });
