import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';

/** Whether an act was done at this moment of real time or later. */
export async function isDoneSince(
  em: EntityManager,
  organizationId: string,
  id: string,
  since: Date,
): Promise<boolean> {
  const rows = await sql(
    em,
    `select 1 from acts where id = $1 and organization_id = $2 and state = 'done' and changed_at >= $3::timestamptz`,
    [id, organizationId, since.toISOString()],
  );
  return rows.length > 0;
}

/** Whether something started on the organization's behalf still works, or waits to be started. */
export async function isBusy(em: EntityManager, organizationId: string): Promise<boolean> {
  const [row] = await sql<{ busy: boolean }>(
    em,
    `select exists (select 1 from acts where organization_id = $1 and state in ('wanted', 'working') and not aside) as busy`,
    [organizationId],
  );
  return row?.busy === true;
}
