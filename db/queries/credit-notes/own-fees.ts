import type { EntityManager } from '@mikro-orm/postgresql';
import type { InvoiceStatus, TaxStatus } from '../../../billing/invoices/invoice-status.ts';
import { IS_OPEN } from '../../acts/transitions.ts';
import { instantOf, sql } from '../../sql.ts';

/** The fee that a subscription last paid for itself. */
export interface LastSubscriptionFee {
  readonly feeId: string;
  readonly amountCents: bigint;
  /** The plan's amount when it was billed. */
  readonly planAmountCents: bigint;
  /** Both ends inclusive. */
  readonly window: { readonly from: Date; readonly to: Date };
  readonly invoice: { readonly id: string; readonly status: InvoiceStatus; readonly taxStatus: TaxStatus };
}

/** What is known of a subscription's own fees. */
export interface OwnFees<Argument> {
  /** On the newest of its invoices; null: there is none. */
  readonly last: LastSubscriptionFee | null;
  /** Of the act that is still to make its first invoice; null: there is none. */
  readonly openStart: Argument | null;
}

/**
 * The newest subscription fee of a subscription: that of the newest invoice, as a refresh makes fees anew (spec,
 * subscriptions-and-invoices 5.5). Call it under the customer's lock.
 *
 * @param startId of the act that makes the first invoice.
 */
export async function ownFees<Argument>(
  em: EntityManager,
  {
    organizationId,
    subscriptionId,
    startId,
  }: Readonly<Record<'organizationId' | 'subscriptionId' | 'startId', string>>,
): Promise<OwnFees<Argument>> {
  const [row] = await sql<{
    openStart: Argument | null;
    feeId: string | null;
    amountCents: string;
    planAmountCents: string;
    from: string;
    to: string;
    invoiceId: string;
    status: InvoiceStatus;
    taxStatus: TaxStatus;
  }>(
    em,
    `select (select argument from acts
             where id = $3 and organization_id = $1 and ${IS_OPEN} and state <> 'failed') as "openStart", last.*
     from (values (1)) one (row) left join lateral (
       select fees.id as "feeId", fees.amount_cents as "amountCents",
              fees.amount_details ->> 'plan_amount_cents' as "planAmountCents",
              fees.from_datetime as "from", fees.to_datetime as "to", invoices.id as "invoiceId", invoices.status,
              invoices.tax_status as "taxStatus"
       from fees join invoices on invoices.id = fees.invoice_id
       where fees.organization_id = $1 and fees.subscription_id = $2 and fees.fee_type = 'subscription'
       order by invoices.created_at desc, invoices.id desc limit 1) last on true`,
    [organizationId, subscriptionId, startId],
  );
  if (!row) throw new Error('a row of one value has no row');
  const { openStart, feeId, invoiceId: id, status, taxStatus } = row;
  return {
    openStart,
    last:
      feeId === null
        ? null
        : {
            feeId,
            amountCents: BigInt(row.amountCents),
            planAmountCents: BigInt(row.planAmountCents),
            window: { from: instantOf(row.from), to: instantOf(row.to) },
            invoice: { id, status, taxStatus },
          },
  };
}
