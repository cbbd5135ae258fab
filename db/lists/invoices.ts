import type { InvoiceType } from '../../billing/invoices/invoice-policy.ts';
import type { InvoiceStatus, PaymentStatus } from '../../billing/invoices/invoice-status.ts';
import { anyOf, anywhere, given, hasMetadata } from './conditions.ts';
import { list, type Condition, type Conditions } from './list.ts';

/** What a list of invoices asks for; what it leaves out is open (spec, api 2.6.1). */
export interface InvoiceFilter {
  readonly statuses: readonly InvoiceStatus[];
  readonly customerId?: string | undefined;
  readonly externalCustomerId?: string | undefined;
  /** Part of the number, the customer's names, external id or e-mail address; or the whole id of the invoice. */
  readonly searchTerm?: string | undefined;
  readonly paymentStatuses?: readonly PaymentStatus[] | undefined;
  readonly invoiceTypes?: readonly InvoiceType[] | undefined;
  readonly currency?: string | undefined;
  /** Dates, inclusive. */
  readonly issuedFrom?: string | undefined;
  readonly issuedTo?: string | undefined;
  /** Cents of the total, inclusive. */
  readonly amountFrom?: bigint | undefined;
  readonly amountTo?: bigint | undefined;
  readonly paymentOverdue?: boolean | undefined;
  /** Something is paid, but not all. */
  readonly partiallyPaid?: boolean | undefined;
  readonly paymentDisputeLost?: boolean | undefined;
  readonly selfBilled?: boolean | undefined;
  /** Settled by any of these. */
  readonly settlements?: readonly ('payment' | 'credit_note')[] | undefined;
  /** Without regard to case. */
  readonly purchaseOrderNumber?: string | undefined;
  /** Key to value; an empty value: the invoice does not have the key. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly billingEntityIds?: readonly string[] | undefined;
}

type On = Conditions<'invoices'>;

/** Columns of the customer in which a search term is looked for, beside the number. */
const SEARCHED = ['name', 'firstname', 'lastname', 'externalId', 'email'] as const;

/** Invoices, issued last first (spec, subscriptions-and-invoices 6.4). */
export const invoiceList = list({
  table: 'invoices',
  order: [
    ['issuingDate', 'desc'],
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (filter: InvoiceFilter, on: On) => [
    on.eb('invoices.status', '=', anyOf(filter.statuses)),
    ...customerConditions(filter, on),
    ...paymentConditions(filter, on),
    given(filter.invoiceTypes, (types) => on.eb('invoices.invoiceType', '=', anyOf(types))),
    given(filter.currency, (currency) => on.eb('invoices.currency', '=', currency)),
    given(filter.issuedFrom, (date) => on.eb('invoices.issuingDate', '>=', date)),
    given(filter.issuedTo, (date) => on.eb('invoices.issuingDate', '<=', date)),
    given(filter.amountFrom, (cents) => on.eb('invoices.totalAmountCents', '>=', cents)),
    given(filter.amountTo, (cents) => on.eb('invoices.totalAmountCents', '<=', cents)),
    given(filter.selfBilled, (wanted) => on.eb('invoices.selfBilled', '=', wanted)),
    given(filter.purchaseOrderNumber, (number) =>
      on.eb(on.eb.fn('lower', ['invoices.purchaseOrderNumber']), '=', on.eb.fn('lower', [on.eb.val(number)])),
    ),
    ...Object.entries(filter.metadata ?? {}).map(([key, value]) => hasMetadata('invoices.metadata', key, value)),
    given(filter.billingEntityIds, (ids) => on.eb('invoices.billingEntityId', '=', anyOf(ids))),
  ],
});

function customerConditions(filter: InvoiceFilter, { eb, selectFrom }: On): (Condition | undefined)[] {
  const { customerId, externalCustomerId, searchTerm } = filter;
  const all = selectFrom('customers').select('customers.id');
  const known = externalCustomerId === undefined ? all : all.where('customers.externalId', '=', externalCustomerId);
  // Searched among the customers that are asked for anyway.
  const searched = customerId === undefined ? known : known.where('customers.id', '=', customerId);
  return [
    given(customerId, (id) => eb('invoices.customerId', '=', id)),
    given(externalCustomerId, () => eb('invoices.customerId', 'in', known)),
    given(searchTerm, (term) => {
      const pattern = anywhere(term);
      const found = searched.where((of) =>
        of.or(SEARCHED.map((column) => of(`customers.${column}`, 'ilike', pattern))),
      );
      return eb.or([
        eb(eb.cast<string>('invoices.id', 'text'), '=', term.toLowerCase()),
        eb('invoices.number', 'ilike', pattern),
        eb('invoices.customerId', 'in', found),
      ]);
    }),
  ];
}

function paymentConditions(filter: InvoiceFilter, { eb }: On): (Condition | undefined)[] {
  const paid = eb('invoices.totalPaidAmountCents', '>', 0n);
  const offset = eb('invoices.totalOffsetAmountCents', '>', 0n);
  const partly = eb.and([paid, eb('invoices.totalPaidAmountCents', '<', eb.ref('invoices.totalAmountCents'))]);
  return [
    given(filter.paymentStatuses, (statuses) => eb('invoices.paymentStatus', '=', anyOf(statuses))),
    given(filter.paymentOverdue, (wanted) => eb('invoices.paymentOverdue', '=', wanted)),
    given(filter.partiallyPaid, (wanted) => (wanted ? partly : eb.not(partly))),
    given(filter.paymentDisputeLost, (wanted) => eb('invoices.paymentDisputeLostAt', wanted ? 'is not' : 'is', null)),
    given(filter.settlements, (ways) => eb.or(ways.map((way) => (way === 'payment' ? paid : offset)))),
  ];
}
