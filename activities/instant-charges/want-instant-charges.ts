import type { EntityManager } from '@mikro-orm/postgresql';
import type { WantedAct } from '../../db/acts/act.ts';
import { wantActs } from '../../db/acts/want-acts.ts';
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
