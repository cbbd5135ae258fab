import type { StoryApi } from './story-api.ts';

/** One invoice with its lines. */
export interface WholeInvoice {
  readonly id: string;
  readonly number: string;
  readonly lines: readonly InvoiceLine[];
  readonly totalCents: bigint;
}

export interface InvoiceLine {
  /** Of the metric, or of the plan. */
  readonly code: string;
  readonly name: string;
  /** Flights, miles, or the 1 of the monthly fee. */
  readonly units: bigint;
  readonly cents: bigint;
}

interface InvoiceJson {
  readonly lago_id: string;
  readonly number: string;
  readonly total_amount_cents: number;
  readonly fees: readonly {
    readonly item: { readonly code: string; readonly invoice_display_name: string };
    readonly units: string;
    readonly amount_cents: number;
  }[];
}

export async function readWholeInvoice(api: StoryApi, invoiceId: string): Promise<WholeInvoice> {
  const { invoice } = await api.get<{ invoice: InvoiceJson }>(`/invoices/${invoiceId}`);
  return {
    id: invoice.lago_id,
    number: invoice.number,
    totalCents: BigInt(invoice.total_amount_cents),
    lines: invoice.fees.map(({ item, units, amount_cents: cents }) => ({
      code: item.code,
      name: item.invoice_display_name,
      units: wholeUnits(units),
      cents: BigInt(cents),
    })),
  };
}

/** Flights and miles are whole numbers, written like `358.0`. */
function wholeUnits(text: string): bigint {
  const [, whole] = /^(\d+)(?:\.0+)?$/.exec(text) ?? [];
  if (whole === undefined) throw new Error(`${text} is no whole number of flights or miles.`);
  return BigInt(whole);
}
