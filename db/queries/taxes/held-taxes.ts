import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { TaxOfNow } from '../../../billing/taxes/made-with.ts';
import { Tax } from '../../entities/taxes/tax.ts';
import { sql } from '../../sql.ts';

/**
 * A tax that its caller changes, held until the end of the transaction against everybody who would attach it or make a
 * draft with it. Invoices that refer to it do not wait: they keep what they have read of it.
 *
 * @returns null when there is none.
 */
export async function heldTax(em: EntityManager, organizationId: string, code: string): Promise<Tax | null> {
  const [row] = await sql<{ id: string }>(
    em,
    `select id from taxes where organization_id = $1 and code = $2 and deleted_at is null for no key update`,
    [organizationId, code],
  );
  return row ? em.findOneOrFail(Tax, { id: row.id }, { refresh: true }) : null;
}

/**
 * Some taxes and all those of a billing entity as they stay until the end of the transaction. The caller holds the
 * entity. Everybody who holds several taxes takes them in the order of their codes.
 */
export async function taxesFromNowOn(
  em: EntityManager,
  organizationId: string,
  taxIds: readonly string[],
  billingEntityId: string,
): Promise<readonly TaxOfNow[]> {
  const rows = await sql<Omit<TaxOfNow, 'rate'> & { readonly rate: string }>(
    em,
    `select id as "taxId", code, name, description, rate, deleted_at is not null as "isDeleted",
            id in (select tax_id from tax_attachments where owner_id = $3) as "isOnEntity"
     from taxes
     where organization_id = $1
       and id = any($2::uuid[] || array(select tax_id from tax_attachments where owner_id = $3))
     order by code, id for share`,
    [organizationId, taxIds, billingEntityId],
  );
  return rows.map((row) => ({ ...row, rate: new Decimal(row.rate) }));
}
