import { textAt, type Caller, type ListeningApp } from '../api/listening-app.ts';

/** Two fees of 6833 cents at 20 %: 16399 in all (spec, money 3.7). */
export interface InvoiceToCredit {
  readonly caller: Caller;
  readonly invoiceId: string;
  readonly invoiceNumber: string;
  readonly feeIds: readonly string[];
  /** What is taken of a fee. */
  readonly item: (fee: number, amount_cents: unknown) => object;
  /** A request for a note. */
  readonly credit: (attributes: object) => ReturnType<Caller['send']>;
  /** The note of a request that must succeed. */
  readonly credited: (attributes: object) => Promise<Record<string, unknown>>;
}

export async function invoiceToCredit(app: ListeningApp, fees = 2): Promise<InvoiceToCredit> {
  const caller = await app.organization();
  const add_on = { name: 'Setup', code: 'setup', amount_cents: 6833, amount_currency: 'EUR' };
  await caller.ok('POST', '/taxes', { tax: { name: 'VAT', code: 'vat', rate: '20', description: 'Standard' } });
  await caller.ok('POST', '/add_ons', { add_on });
  await caller.ok('POST', '/customers', {
    customer: { external_id: 'acme', name: 'Acme', currency: 'EUR', tax_codes: ['vat'] },
  });
  const made = await caller.ok('POST', '/invoices', {
    invoice: {
      external_customer_id: 'acme',
      purchase_order_number: 'PO-7',
      fees: Array.from({ length: fees }, () => ({ add_on_code: 'setup' })),
    },
  });
  const invoiceId = textAt(made, 'invoice.lago_id');
  const feeIds = Array.from({ length: fees }, (_, index) => textAt(made, `invoice.fees.${index}.lago_id`));
  const credit = (attributes: object) =>
    caller.send('POST', '/credit_notes', { credit_note: { invoice_id: invoiceId, ...attributes } });
  return {
    caller,
    invoiceId,
    invoiceNumber: textAt(made, 'invoice.number'),
    feeIds,
    item: (fee, amount_cents) => ({ fee_id: feeIds[fee], amount_cents }),
    credit,
    credited: async (attributes) => {
      const { status, body } = await credit(attributes);
      if (status !== 200) throw new Error(`POST /credit_notes answered ${status}: ${JSON.stringify(body)}`);
      return (body as { credit_note: Record<string, unknown> }).credit_note;
    },
  };
}

/** As if payments had come: there are none yet. */
export const pay = (app: ListeningApp, invoiceId: string, cents: number) =>
  app.rows(
    `update invoices set total_paid_amount_cents = $2::bigint,
       payment_status = case when $2::bigint >= total_amount_cents then 'succeeded' else payment_status end
     where id = $1`,
    [invoiceId, cents],
  );
