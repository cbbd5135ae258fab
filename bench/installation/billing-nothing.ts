import type { BillPeriodOutcome } from '../../activities/subscriptions/bill-period.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { periodAct, type PeriodArgument } from '../../activities/subscriptions/period-act.ts';
import { succeedActs } from '../../db/acts/succeed-acts.ts';
import { scopedTo } from '../../db/orm.ts';
import { sql } from '../../db/sql.ts';

/** The next month's billing day after `YYYY-MM-01`. */
function nextMonth(billingDay: string): string {
  const day = new Date(`${billingDay}T00:00:00Z`);
  day.setUTCMonth(day.getUTCMonth() + 1);
  return day.toISOString().slice(0, 10);
}

/** The limit of billing a period: one transaction that finishes its act and wants the same successor, and no more. */
export const finishPeriodWithoutBilling =
  ({ orm, realTime, actsWritten }: ActivityDependencies) =>
  async (argument: PeriodArgument): Promise<BillPeriodOutcome> => {
    const { actId, organizationId, subscriptionId, billingDay, frozen } = argument;
    await scopedTo(orm.em, organizationId).transactional(async (em) => {
      const [act] = await sql<{ customerId: string }>(
        em,
        'select customer_id as "customerId" from acts where id = $1 and organization_id = $2',
        [actId, organizationId],
      );
      if (!act) throw new Error(`no act ${actId}`);
      const next = nextMonth(billingDay);
      const successor = periodAct({
        organizationId,
        customerId: act.customerId,
        subscriptionId,
        periodKey: billingDay,
        billingDay: next,
        timeZone: 'UTC',
        hasTestClock: frozen,
        dueAt: new Date(`${next}T00:00:00Z`),
        duty: 'bill_period',
      });
      await succeedActs(em, [{ id: actId, invoiceId: null }], [successor], { by: actId, now: realTime() });
    });
    actsWritten();
    return { outcome: 'billed', invoiceId: actId };
  };
