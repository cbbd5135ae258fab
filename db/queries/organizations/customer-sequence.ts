import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from '../../sql.ts';

/**
 * Takes the next number of an organization's customers. Whoever asks at the same time waits for the end of the
 * transaction.
 */
export async function nextCustomerSequence(em: EntityManager, organizationId: string): Promise<number> {
  const [row] = await sql<{ sequence: number }>(
    em,
    `update organizations set customer_sequence = customer_sequence + 1
     where id = $1 returning customer_sequence as sequence`,
    [organizationId],
  );
  if (!row) throw new Error(`organization ${organizationId} is gone`);
  return row.sequence;
}
