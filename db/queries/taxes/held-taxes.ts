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
 * Some taxes and all those of billing entities as they stay until the end of the transaction. The caller holds the
 * entities. Everybody who holds several taxes takes them in the order of their codes.
 *
 * @returns the taxes as an entity has them.
 */
export async function taxesFromNowOn(
  em: EntityManager,
  organizationId: string,
  taxIds: readonly string[],
  billingEntityIds: readonly string[],
): Promise<(billingEntityId: string) => readonly TaxOfNow[]> {
  const rows = await sql<Omit<TaxOfNow, 'rate' | 'isOnEntity'> & { readonly rate: string; readonly on: string[] }>(
    em,
    `select id as "taxId", code, name, description, rate, deleted_at is not null as "isDeleted",
            array(select owner_id::text from tax_attachments
                  where tax_id = taxes.id and owner_id = any($3::uuid[])) as "on"
     from taxes
     where organization_id = $1
       and id = any($2::uuid[] || array(select tax_id from tax_attachments where owner_id = any($3::uuid[])))
     order by code, id for share`,
    [organizationId, taxIds, billingEntityIds],
  );
  return (billingEntityId) =>
    rows.map(({ on, rate, ...tax }) => ({ ...tax, rate: new Decimal(rate), isOnEntity: on.includes(billingEntityId) }));
}
