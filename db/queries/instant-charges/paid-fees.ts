import type { EntityManager } from '@mikro-orm/postgresql';
import { Decimal } from '../../../billing/money/decimal.ts';
import type { PaidFee } from '../../../billing/invoices/gather-fees.ts';
import type { StoredFeeTax } from '../../entities/invoices/fee.ts';
import { sql } from '../../sql.ts';

/** Subscriptions that are billed together. */
export interface GatheringScope {
  readonly subscriptionIds: readonly string[];
  /** Paid by then. */
  readonly at: Date;
  /** Of a renewal, not of an end: only fees whose period is over. */
  readonly isRenewal: boolean;
}

/** A paid fee, and whose it is. */
export interface FoundPaidFee extends PaidFee {
  /** Which of the scopes it belongs to. */
  readonly place: number;
  /** Of its subscription. */
  readonly purchaseOrderNumber: string | null;
}

/**
 * Paid fees without invoice of the customer's subscriptions that share an external id with those that are billed, where
 * a charge of any of them wants them gathered: then all, whatever their own charge says (spec, usage 6.7). Of all
 * scopes in one statement. The caller holds the customers' locks.
 */
export async function paidFees(
  em: EntityManager,
  organizationId: string,
  scopes: readonly GatheringScope[],
): Promise<readonly FoundPaidFee[]> {
  const lines = scopes.flatMap(({ subscriptionIds, at, isRenewal }, place) =>
    subscriptionIds.map((subscriptionId) => ({ place, subscriptionId, at, isRenewal })),
  );
  const rows = await sql<{
    place: number;
    id: string;
    subscriptionId: string;
    purchaseOrderNumber: string | null;
    amountCents: string;
    taxesAmountCents: string;
    appliedTaxes: readonly StoredFeeTax[];
  }>(
    em,
    `select distinct on (fee.id) asked.place, fee.id, fee.subscription_id as "subscriptionId",
            sharing.purchase_order_number as "purchaseOrderNumber", fee.amount_cents as "amountCents",
            fee.taxes_amount_cents as "taxesAmountCents", fee.applied_taxes as "appliedTaxes"
     from unnest($2::int[], $3::uuid[], $4::timestamptz[], $5::boolean[])
       as asked (place, subscription_id, at, is_renewal)
     join subscriptions named on named.id = asked.subscription_id
     join subscriptions sharing
       on sharing.organization_id = $1 and sharing.external_id = named.external_id
         and sharing.customer_id = named.customer_id and sharing.status in ('active', 'terminated')
     join fees fee
       on fee.organization_id = $1 and fee.customer_id = named.customer_id and fee.subscription_id = sharing.id
         and fee.invoice_id is null and fee.deleted_at is null and fee.payment_status = 'succeeded'
         and fee.succeeded_at <= asked.at
         and (not asked.is_renewal or fee.to_datetime is null or fee.to_datetime <= asked.at)
     where exists (
       select from subscriptions one join charges charge on charge.plan_id = one.plan_id
       where one.organization_id = $1 and one.external_id = named.external_id and one.customer_id = named.customer_id
         and one.status in ('active', 'terminated') and charge.organization_id = $1 and charge.pay_in_advance
         and not charge.invoiceable and charge.regroup_paid_fees = 'invoice' and charge.deleted_at is null)
     order by fee.id`,
    [
      organizationId,
      lines.map(({ place }) => place),
      lines.map(({ subscriptionId }) => subscriptionId),
      lines.map(({ at }) => at.toISOString()),
      lines.map(({ isRenewal }) => isRenewal),
    ],
  );
  return rows.map(({ amountCents, taxesAmountCents, appliedTaxes, ...row }) => ({
    ...row,
    amountCents: BigInt(amountCents),
    taxesAmountCents: BigInt(taxesAmountCents),
    appliedTaxes: appliedTaxes.map(({ taxId, code, name, description, rate, amountCents: ofFee }) => ({
      taxId,
      code,
      name,
      description,
      rate: new Decimal(rate),
      amountCents: BigInt(ofFee),
    })),
  }));
}

/** Puts fees without invoice on invoices, in their order, in one statement. */
export async function putOnInvoices(
  em: EntityManager,
  organizationId: string,
  lines: readonly { readonly invoiceId: string; readonly feeIds: readonly string[] }[],
  now: Date,
): Promise<void> {
  const placed = lines.flatMap(({ invoiceId, feeIds }) =>
    feeIds.map((feeId, position) => ({ invoiceId, feeId, position })),
  );
  const rows = await sql(
    em,
    `update fees set invoice_id = line.invoice_id, position = line.position, updated_at = $5
     from unnest($2::uuid[], $3::uuid[], $4::int[]) as line (fee_id, invoice_id, position)
     where fees.organization_id = $1 and fees.id = line.fee_id and fees.invoice_id is null and fees.deleted_at is null
     returning fees.id`,
    [
      organizationId,
      placed.map(({ feeId }) => feeId),
      placed.map(({ invoiceId }) => invoiceId),
      placed.map(({ position }) => position),
      now.toISOString(),
    ],
  );
  if (rows.length !== placed.length) throw new Error(`of ${placed.length} fees ${rows.length} were without invoice`);
}
