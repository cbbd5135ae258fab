import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';
import { sql } from '../../sql.ts';

/** What invoices need to know of taxes. */
export interface TaxesForBilling {
  /** By the id of what has them, in the order of their codes. */
  readonly taxes: ReadonlyMap<string, readonly Tax[]>;
  /** Customers whose VAT number is being checked (spec, money 1.7). */
  readonly awaiting: ReadonlySet<string>;
}

/** The taxes of customers, billing entities, plans, charges and add-ons, and whose are not known yet: one statement. */
export async function taxesForBilling(
  em: EntityManager,
  organizationId: string,
  ownerIds: readonly string[],
): Promise<TaxesForBilling> {
  const rows = await sql<{
    ownerId: string;
    /** null: the owner is a customer whose number is being checked. */
    taxId: string | null;
    code: string;
    name: string;
    description: string | null;
    rate: string;
  }>(
    em,
    `select attached.owner_id as "ownerId", taxes.id as "taxId", taxes.code, taxes.name, taxes.description, taxes.rate
     from tax_attachments attached join taxes on taxes.id = attached.tax_id
     where attached.organization_id = $1 and attached.owner_id = any($2::uuid[])
     union all
     select customer_id, null, null, null, null, null from vies_checks
     where organization_id = $1 and customer_id = any($2::uuid[]) and answered_at is null
     order by 3, 2`,
    [organizationId, ownerIds],
  );
  const taxes = new Map<string, Tax[]>();
  const awaiting = new Set<string>();
  for (const { ownerId, taxId, rate, ...tax } of rows) {
    if (taxId === null) awaiting.add(ownerId);
    else taxes.set(ownerId, [...(taxes.get(ownerId) ?? []), { ...tax, taxId, rate: new Decimal(rate) }]);
  }
  return { taxes, awaiting };
}
