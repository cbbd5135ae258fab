import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../sql.ts';

/** The move that is under way. */
export interface OpenMove {
  readonly id: string;
  readonly mode: 'advance' | 'run';
  readonly target: Date;
  /** The due moment whose work it has woken last; null: none yet. */
  readonly moment: Date | null;
}

/** The move of an organization's test clock that is under way; null: there is none. */
export async function findOpenMove(em: EntityManager, organizationId: string): Promise<OpenMove | null> {
  const [row] = await sql<{ id: string; mode: 'advance' | 'run'; target: string; moment: string | null }>(
    em,
    `select id, argument->>'mode' as mode, argument->>'target' as target, argument->>'moment' as moment from acts
     where organization_id = $1 and kind = 'clock' and state in ('wanted', 'working')`,
    [organizationId],
  );
  if (!row) return null;
  return { ...row, target: new Date(row.target), moment: row.moment === null ? null : new Date(row.moment) };
}
