import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
import type { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { eventsSince, lockInstantCodes } from '../../db/queries/instant-charges/earlier-events.ts';
import { instantOccasions } from '../../db/queries/instant-charges/instant-occasions.ts';
import { instantChargeAct } from './instant-charge-act.ts';

/**
 * Writes the acts of events that charges in advance ask money for, in the transaction that stores the events. Where no
 * charge is on their codes it asks nothing.
 *
 * @param stored events by id: whether a charge may be for them.
 * @param now the organization's clock.
 */
export async function wantInstantCharges(
  em: EntityManager,
  organizationId: string,
  stored: ReadonlyMap<string, boolean>,
  now: Date,
): Promise<readonly WantedAct[]> {
  const charged = [...stored].filter(([, isCharged]) => isCharged).map(([id]) => id);
  if (charged.length === 0) return [];
  const occasions = await instantOccasions(em, organizationId, charged);
  const acts = occasions.map((occasion) => instantChargeAct(organizationId, occasion));
  await wantActs(em, acts, now);
  return acts;
}

/**
 * The same for events that came while their subscription had not begun, in the transaction in which it begins: those of
 * its time, which had none to belong to (spec, usage 2.5). Events that were there before the subscription was made stay
 * nobody's.
 *
 * @param now the organization's clock.
 */
export async function wantEarlierCharges(
  em: EntityManager,
  { organizationId, planId, externalId, startedAt, createdAt }: Subscription,
  now: Date,
): Promise<void> {
  const codes = await lockInstantCodes(em, organizationId, planId);
  if (codes.length === 0 || startedAt == null) return;
  const eventIds = await eventsSince(em, {
    organizationId,
    externalSubscriptionId: externalId,
    codes,
    from: startedAt,
    receivedFrom: createdAt,
  });
  if (eventIds.length === 0) return;
  const occasions = await instantOccasions(em, organizationId, eventIds);
  const acts = occasions.map((occasion) => instantChargeAct(organizationId, occasion));
  await wantActs(em, acts, now, { startedBy: 'dispatcher' });
}
