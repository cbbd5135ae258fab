import type { EntityManager } from '@mikro-orm/postgresql';
import type { SubscriptionStatus } from '../../../billing/calendar/subscription-terms.ts';
import { rowsOf, type RowOf } from '../../kysely.ts';

/** Which subscription a request means. */
export interface MeantSubscription {
  readonly externalId: string;
  /** Any text; null: the active one. */
  readonly status: string | null;
}

/** What is known of it before its customer's lock is taken. */
export type FoundSubscription = Pick<RowOf<'subscriptions'>, 'id' | 'organizationId' | 'customerId' | 'status'>;

/**
 * The newest subscription of the given status (spec, subscriptions-and-invoices 2.1).
 *
 * @param orTheOnlyOne whether a request that names no status means the only one with this external id, whatever its
 * status.
 */
export async function findMeant(
  em: EntityManager,
  { externalId, status }: MeantSubscription,
  orTheOnlyOne: boolean,
): Promise<FoundSubscription | undefined> {
  const newest = rowsOf(em)
    .selectFrom('subscriptions')
    .select(['id', 'organizationId', 'customerId', 'status'])
    .where('externalId', '=', externalId)
    .orderBy('createdAt', 'desc');
  const wanted = (status ?? 'active') as SubscriptionStatus;
  const found = await newest.where('status', '=', wanted).limit(1).executeTakeFirst();
  if (found || status !== null || !orTheOnlyOne) return found;
  const [only, another] = await newest.limit(2).execute();
  return another ? undefined : only;
}
