import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { Tax } from '../../../billing/taxes/tax.ts';
import { sql } from '../../sql.ts';

/** What invoices need to know of taxes, and whether there are coupons to look for. */
export interface TaxesForBilling {
  /** By the id of what has them, in the order of their codes. */
  readonly taxes: ReadonlyMap<string, readonly Tax[]>;
  /** Customers whose VAT number is being checked (spec, money 1.7). */
  readonly awaiting: ReadonlySet<string>;
  /** Customers who have coupons to use. They are asked for here, so that whoever has none costs no statement. */
  readonly couponed: ReadonlySet<string>;
}

/**
 * The taxes of customers, billing entities, plans, charges and add-ons, whose are not known yet, and who has coupons:
 * one statement.
 */
export async function taxesForBilling(
  em: EntityManager,
  organizationId: string,
  ownerIds: readonly string[],
): Promise<TaxesForBilling> {
  const rows = await sql<{
    ownerId: string;
    /** null: the owner is a customer whose number is being checked, or who has coupons. */
    taxId: string | null;
    isCouponed: boolean;
    code: string;
    name: string;
    description: string | null;
    rate: string;
  }>(
    em,
    `select attached.owner_id as "ownerId", taxes.id as "taxId", taxes.code, taxes.name, taxes.description, taxes.rate,
            false as "isCouponed"
     from tax_attachments attached join taxes on taxes.id = attached.tax_id
     where attached.organization_id = $1 and attached.owner_id = any($2::uuid[])
     union all
     select customer_id, null, null, null, null, null, false from vies_checks
     where organization_id = $1 and customer_id = any($2::uuid[]) and answered_at is null
     union all
     select distinct customer_id, null::uuid, null, null, null, null::numeric, true from applied_coupons
     where organization_id = $1 and customer_id = any($2::uuid[]) and status = 'active'
     order by 3, 2`,
    [organizationId, ownerIds],
  );
  const taxes = new Map<string, Tax[]>();
  const awaiting = new Set<string>();
  const couponed = new Set<string>();
  for (const { ownerId, taxId, isCouponed, rate, ...tax } of rows) {
    if (taxId === null) (isCouponed ? couponed : awaiting).add(ownerId);
    else taxes.set(ownerId, [...(taxes.get(ownerId) ?? []), { ...tax, taxId, rate: new Decimal(rate) }]);
  }
  return { taxes, awaiting, couponed };
}
