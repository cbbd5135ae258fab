import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';

/** A period as its act names it. */
export interface NamedPeriod {
  readonly actId: string;
  readonly billingDay: string;
  readonly periodKey: string;
  readonly timeZone: string;
}

/** Has the acts of periods say what they bill. */
export async function renamePeriods(em: EntityManager, periods: readonly NamedPeriod[]): Promise<void> {
  if (periods.length === 0) return;
  await sql(
    em,
    `update acts set argument = acts.argument || moved.terms
     from unnest($1::text[], $2::jsonb[]) as moved (id, terms) where acts.id = moved.id`,
    [
      periods.map(({ actId }) => actId),
      periods.map(({ billingDay, periodKey, timeZone }) => JSON.stringify({ billingDay, periodKey, timeZone })),
    ],
  );
}
