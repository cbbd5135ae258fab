import type { EntityManager } from '@mikro-orm/postgresql';
import { wantActsAgain } from '../../db/acts/want-acts.ts';
import { endpointsWithArrivals } from '../../db/queries/webhooks/webhook-lane.ts';
import { webhooksId, webhooksAct } from './webhooks-act.ts';

/** Lanes wanted at once; the next round takes the rest. */
const LIMIT = 200;

/**
 * Wants the lanes of endpoints with new deliveries. The transactions that write deliveries do not touch the lanes'
 * acts: all billing of an organization would wait in line for one row.
 *
 * @param now real time.
 */
export async function wantWebhookLanes(em: EntityManager, now: Date): Promise<void> {
  const arrivals = await endpointsWithArrivals(em, webhooksId(''), now, LIMIT);
  await wantActsAgain(em, arrivals.map(webhooksAct), now, { startedBy: 'dispatcher' });
}
