import type { ActivityDependencies } from '../../activities/dependencies.ts';
import type { InstantChargeArgument } from '../../activities/instant-charges/instant-charge-act.ts';
import type { InstantChargeOutcome } from '../../activities/instant-charges/price-instant-charge.ts';
import { succeedActs } from '../../db/acts/succeed-acts.ts';
import { scopedTo } from '../../db/orm.ts';

/** The limit of charging an event: one transaction that finishes its act, and no more. */
export const finishEventWithoutCharging =
  ({ orm, realTime, actsWritten }: ActivityDependencies) =>
  async ({ actId, organizationId }: InstantChargeArgument): Promise<InstantChargeOutcome> => {
    await scopedTo(orm.em, organizationId).transactional((em) =>
      succeedActs(em, [{ id: actId, invoiceId: null }], [], { by: actId, now: realTime() }),
    );
    actsWritten();
    return { outcome: 'priced' };
  };
