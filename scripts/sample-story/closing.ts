import { alignedColumns } from './aligned-columns.ts';
import type { Airport } from './airports.ts';
import { dollars, groupedNumber } from './amounts.ts';
import { sumOfCents, type BilledAirport } from './billed-airports.ts';
import { billingTable } from './billing-table.ts';
import { FLIGHTS, MILES, MONTHS, PRICE_LINES } from './price-list.ts';
import type { InvoiceLine, WholeInvoice } from './whole-invoice.ts';

/** What the end of the story is told from. */
export interface Closing {
  /** The busiest airport first. */
  readonly billed: readonly BilledAirport[];
  /** The first month of the busiest airport. */
  readonly example: { readonly airport: Airport; readonly invoice: WholeInvoice };
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Of the busiest airport's first period; null: not known. */
  readonly workflowUrl: string | null;
}

const SHOWN_AIRPORTS = 10;

/** The invoices as a table, one of them in full, and where to look further. */
export function closingText({ billed, example, apiUrl, apiKey, workflowUrl }: Closing): string {
  const { airport, invoice } = example;
  const invoices = billed.flatMap(({ months }) => months);
  const sections = [
    ['Every airport pays for the flights that left it:', ...indented(PRICE_LINES)],
    indented(billingTable(billed, SHOWN_AIRPORTS)),
    [
      `Flights and miles are those of the file, amounts those of ${invoices.length} invoices, together ` +
        `${dollars(sumOfCents(invoices))}.`,
      'One of them:',
    ],
    indented(invoiceLines(airport, invoice)),
    ['The same from the API:', `  ${curlOf(apiUrl, apiKey, invoice.id)}`],
    ...(workflowUrl === null ? [] : [workflowLines(airport, workflowUrl)]),
  ];
  return sections.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);

function invoiceLines({ code, name, city, state }: Airport, invoice: WholeInvoice): readonly string[] {
  const place = state === null ? city : `${city}, ${state}`;
  const lines = invoice.lines.map((line) => [nameOf(line), dollars(line.cents)]);
  return [
    `${invoice.number} for ${code}, ${name}, ${place}: ${MONTHS[0].name} 2001`,
    ...alignedColumns([...lines, 'rule', ['Total', dollars(invoice.totalCents)]], 1),
  ];
}

const nameOf = ({ code, name, units }: InvoiceLine): string =>
  code === FLIGHTS || code === MILES ? `${groupedNumber(units)} ${code}` : `${name}, monthly fee`;

const curlOf = (apiUrl: string, apiKey: string, invoiceId: string): string =>
  `curl -s -H 'Authorization: Bearer ${apiKey}' ${apiUrl}/api/v1/invoices/${invoiceId}`;

/** A period's workflow is called after its subscription and its first day, so one address leads to the others. */
function workflowLines({ code }: Airport, firstUrl: string): readonly string[] {
  const stem = firstUrl.slice(0, -MONTHS[0].firstDay.length);
  return [
    `The billing periods of ${code}, each a workflow, in the Temporal UI:`,
    ...MONTHS.map(({ name, firstDay }) => `  ${name.padEnd(8)}  ${stem}${firstDay}`),
  ];
}
