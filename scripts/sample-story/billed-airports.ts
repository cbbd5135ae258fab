import type { Airport } from './airports.ts';
import type { Traffic } from './flights.ts';
import { MONTHS } from './price-list.ts';
import type { StoryApi } from './story-api.ts';

/** An airport with what left it and what it was billed for that. */
export interface BilledAirport {
  readonly airport: Airport;
  /** As in the file. */
  readonly traffic: Traffic;
  /** Its invoices in the order of `MONTHS`. */
  readonly months: readonly BilledMonth[];
}

export interface BilledMonth {
  readonly invoiceId: string;
  readonly totalCents: bigint;
}

interface InvoiceJson {
  readonly lago_id: string;
  /** `YYYY-MM-DD`. */
  readonly issuing_date: string;
  readonly total_amount_cents: number;
  readonly customer: { readonly external_id: string };
}

interface InvoicePage {
  readonly invoices: readonly InvoiceJson[];
  readonly meta: { readonly next_page: number | null; readonly total_count: number };
}

const PER_PAGE = 100;

export async function countInvoices(api: StoryApi): Promise<number> {
  const { meta } = await api.get<InvoicePage>('/invoices?per_page=1');
  return meta.total_count;
}

/** Reads all invoices: each month of each airport, by airport and day. */
export async function readInvoices(
  api: StoryApi,
  tell: (read: number) => void,
): Promise<ReadonlyMap<string, BilledMonth>> {
  const months = new Map<string, BilledMonth>();
  for (let page: number | null = 1; page !== null;) {
    const { invoices, meta }: InvoicePage = await api.get(`/invoices?page=${page}&per_page=${PER_PAGE}`);
    for (const { lago_id: invoiceId, issuing_date: day, total_amount_cents: cents, customer } of invoices) {
      const key = keyOf(customer.external_id, day);
      if (months.has(key)) throw new Error(`There are two invoices for ${key}.`);
      months.set(key, { invoiceId, totalCents: BigInt(cents) });
    }
    tell(months.size);
    page = meta.next_page;
  }
  return months;
}

/** By what invoices are found: the airport and the day of issue, `YYYY-MM-DD`. */
export const keyOf = (airportCode: string, day: string): string => `${airportCode} of ${day}`;

/** @throws Error when a month of the airport has no invoice. */
export function billedAirport(
  airport: Airport,
  traffic: Traffic,
  invoices: ReadonlyMap<string, BilledMonth>,
): BilledAirport {
  const months = MONTHS.map(({ billedOn }) => {
    const key = keyOf(airport.code, billedOn);
    const month = invoices.get(key);
    if (month === undefined) throw new Error(`There is no invoice for ${key}.`);
    return month;
  });
  return { airport, traffic, months };
}

export const sumOfCents = (months: readonly BilledMonth[]): bigint =>
  months.reduce((sum, { totalCents }) => sum + totalCents, 0n);
