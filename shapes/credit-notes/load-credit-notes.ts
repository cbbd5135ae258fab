import type { EntityManager } from '@mikro-orm/postgresql';
import { CreditNoteAppliedTax } from '../../db/entities/credit-notes/credit-note-applied-tax.ts';
import { CreditNoteItem } from '../../db/entities/credit-notes/credit-note-item.ts';
import type { CreditNote } from '../../db/entities/credit-notes/credit-note.ts';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import { entityOf } from '../../db/queries/organizations/billing-entities.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { loadBilled, loadFees } from '../invoices/load-fees.ts';
import { creditNoteJson } from './credit-note.ts';

/**
 * Credit notes with everything on them, in their order; the number of queries does not grow with them.
 *
 * @param now the organization's clock.
 */
export async function shownCreditNotes(
  em: EntityManager,
  notes: readonly CreditNote[],
  now: Date,
): Promise<ReturnType<typeof creditNoteJson>[]> {
  const invoiceById = await rowsById(
    em,
    Invoice,
    notes.map(({ invoiceId }) => invoiceId),
  );
  const customerById = await rowsById(
    em,
    Customer,
    notes.map(({ customerId }) => customerId),
  );
  const entityIds = [...invoiceById.values(), ...customerById.values()].map(({ billingEntityId }) => billingEntityId);
  const entityById = await rowsById(em, BillingEntity, entityIds);
  const ofNotes = { creditNoteId: notes.map(({ id }) => id) };
  const taxes = await em.find(CreditNoteAppliedTax, ofNotes, { orderBy: { id: 'asc' } });
  const items = await em.find(CreditNoteItem, ofNotes, { orderBy: { id: 'asc' } });
  const taxesOf = Map.groupBy(taxes, ({ creditNoteId }) => creditNoteId);
  const itemsOf = Map.groupBy(items, ({ creditNoteId }) => creditNoteId);
  const feeOf = await loadItemFees(em, notes, items, now);
  return notes.map((note) => {
    const invoice = required(invoiceById.get(note.invoiceId), `invoice of credit note ${note.id}`);
    const customer = required(customerById.get(note.customerId), `customer of credit note ${note.id}`);
    const owner = { customer, selfBilled: invoice.selfBilled };
    return creditNoteJson(note, {
      invoice,
      billingEntity: entityOf(entityById, invoice.billingEntityId),
      customer,
      customerEntity: entityOf(entityById, customer.billingEntityId),
      items: (itemsOf.get(note.id) ?? []).map((item) => ({ item, fee: feeOf(item, owner) })),
      appliedTaxes: taxesOf.get(note.id) ?? [],
    });
  });
}

/** One of them. */
export async function shownCreditNote(
  em: EntityManager,
  note: CreditNote,
  now: Date,
): Promise<ReturnType<typeof creditNoteJson>> {
  const [shown] = await shownCreditNotes(em, [note], now);
  return shown!;
}

/** The fees of items as they are shown. */
async function loadItemFees(
  em: EntityManager,
  notes: readonly CreditNote[],
  items: readonly CreditNoteItem[],
  now: Date,
) {
  const feeIds = [...new Set(items.map(({ feeId }) => feeId))];
  const invoiceId = [...new Set(notes.map((note) => note.invoiceId))];
  // A fee names the true-up that adds to it.
  const fees =
    feeIds.length === 0 ? [] : await em.find(Fee, { invoiceId, $or: [{ id: feeIds }, { trueUpParentFeeId: feeIds }] });
  const feeById = new Map(fees.map((fee) => [fee.id, fee]));
  const shown = await loadFees(em, fees, await loadBilled(em, fees, now));
  return ({ id, feeId }: CreditNoteItem, owner: Parameters<typeof shown>[1]) =>
    shown(required(feeById.get(feeId), `fee of credit note item ${id}`), owner);
}

function required<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new Error(`the ${what} is missing`);
  return row;
}
