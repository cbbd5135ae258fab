import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/** Notes up to which billing day, `YYYY-MM-DD` or null, each subscription is billed. */
export async function noteBilledDays(
  em: EntityManager,
  billed: readonly { readonly subscriptionId: string; readonly day: string | null }[],
): Promise<void> {
  await sql(
    em,
    `update subscriptions set last_billing_day = billed.day
     from unnest($1::uuid[], $2::date[]) as billed (id, day) where subscriptions.id = billed.id`,
    [billed.map(({ subscriptionId }) => subscriptionId), billed.map(({ day }) => day)],
  );
}
