import type { EntityManager } from '@mikro-orm/postgresql';
import type { EarlierNote } from '../../../billing/credit-notes/credited-invoice.ts';
import { Decimal } from '../../../billing/money/decimal.ts';
import { sql } from '../../sql.ts';

/** A credit note of an invoice, with what it took from fees. */
export interface NoteOfInvoice extends EarlierNote {
  readonly sequentialId: number;
  readonly items: readonly { readonly feeId: string; readonly amountCents: bigint }[];
}

interface Row {
  readonly sequentialId: number;
  readonly creditCents: string;
  readonly refundCents: string;
  readonly offsetCents: string;
  readonly taxesCents: string;
  readonly preciseTaxesCents: string;
  readonly subTotalCents: string;
  readonly items: readonly { readonly feeId: string; readonly amountCents: string }[];
}

/** The credit notes of an invoice in the order of their numbers, drafts and voided ones too: one statement. */
export async function notesOfInvoice(
  em: EntityManager,
  organizationId: string,
  invoiceId: string,
): Promise<readonly NoteOfInvoice[]> {
  const rows = await sql<Row>(
    em,
    `select sequential_id as "sequentialId", credit_amount_cents as "creditCents",
            refund_amount_cents as "refundCents", offset_amount_cents as "offsetCents",
            taxes_amount_cents as "taxesCents", precise_taxes_amount_cents as "preciseTaxesCents",
            sub_total_excluding_taxes_amount_cents as "subTotalCents",
            (select coalesce(jsonb_agg(jsonb_build_object('feeId', fee_id, 'amountCents', amount_cents::text)), '[]')
             from credit_note_items where credit_note_id = credit_notes.id) as items
     from credit_notes where organization_id = $1 and invoice_id = $2 order by sequential_id`,
    [organizationId, invoiceId],
  );
  return rows.map((row) => ({
    sequentialId: row.sequentialId,
    creditCents: BigInt(row.creditCents),
    refundCents: BigInt(row.refundCents),
    offsetCents: BigInt(row.offsetCents),
    taxesCents: BigInt(row.taxesCents),
    preciseTaxesCents: new Decimal(row.preciseTaxesCents),
    subTotalCents: BigInt(row.subTotalCents),
    items: row.items.map(({ feeId, amountCents }) => ({ feeId, amountCents: BigInt(amountCents) })),
  }));
}
