import type { CreditNoteReason, CreditStatus, RefundStatus } from '../../billing/credit-notes/credit-note.ts';
import { anyOf, anywhere, given } from './conditions.ts';
import { list, type Condition, type Conditions } from './list.ts';

/** What a list of credit notes asks for; what it leaves out is open (spec, api 2.6). */
export interface CreditNoteFilter {
  readonly customerId?: string | undefined;
  readonly externalCustomerId?: string | undefined;
  /** Part of the number, the customer's names, external id or e-mail address; or the whole id of the note. */
  readonly searchTerm?: string | undefined;
  readonly reasons?: readonly CreditNoteReason[] | undefined;
  readonly creditStatuses?: readonly CreditStatus[] | undefined;
  readonly refundStatuses?: readonly RefundStatus[] | undefined;
  /** Notes that have any of these parts. */
  readonly types?: readonly CreditNoteType[] | undefined;
  readonly currency?: string | undefined;
  /** Cents of the total, inclusive. */
  readonly amountFrom?: bigint | undefined;
  readonly amountTo?: bigint | undefined;
  /** Dates, inclusive. */
  readonly issuedFrom?: string | undefined;
  readonly issuedTo?: string | undefined;
  readonly invoiceNumber?: string | undefined;
  /** Of the invoice, without regard to case. */
  readonly purchaseOrderNumber?: string | undefined;
  readonly selfBilled?: boolean | undefined;
  readonly billingEntityIds?: readonly string[] | undefined;
}

export const CREDIT_NOTE_TYPES = ['credit', 'refund', 'offset'] as const;
export type CreditNoteType = (typeof CREDIT_NOTE_TYPES)[number];

type On = Conditions<'credit_notes'>;

/** Columns of the customer in which a search term is looked for, beside the number. */
const SEARCHED = ['name', 'firstname', 'lastname', 'externalId', 'email'] as const;

/** Final credit notes, newest first. */
export const creditNoteList = list({
  table: 'credit_notes',
  order: [
    ['createdAt', 'desc'],
    ['id', 'asc'],
  ],
  conditions: (filter: CreditNoteFilter, on: On) => [
    on.eb('credit_notes.status', '=', 'finalized'),
    ...customerConditions(filter, on),
    ...invoiceConditions(filter, on),
    given(filter.reasons, (reasons) => on.eb('credit_notes.reason', '=', anyOf(reasons))),
    given(filter.creditStatuses, (statuses) => on.eb('credit_notes.creditStatus', '=', anyOf(statuses))),
    given(filter.refundStatuses, (statuses) => on.eb('credit_notes.refundStatus', '=', anyOf(statuses))),
    given(filter.types, (types) => on.eb.or(types.map((type) => on.eb(`credit_notes.${type}AmountCents`, '>', 0n)))),
    given(filter.currency, (currency) => on.eb('credit_notes.currency', '=', currency)),
    given(filter.amountFrom, (cents) => on.eb('credit_notes.totalAmountCents', '>=', cents)),
    given(filter.amountTo, (cents) => on.eb('credit_notes.totalAmountCents', '<=', cents)),
    given(filter.issuedFrom, (date) => on.eb('credit_notes.issuingDate', '>=', date)),
    given(filter.issuedTo, (date) => on.eb('credit_notes.issuingDate', '<=', date)),
  ],
});

function customerConditions(filter: CreditNoteFilter, { eb, selectFrom }: On): (Condition | undefined)[] {
  const { customerId, externalCustomerId, searchTerm } = filter;
  const all = selectFrom('customers').select('customers.id');
  const known = externalCustomerId === undefined ? all : all.where('customers.externalId', '=', externalCustomerId);
  // Searched among the customers that are asked for anyway.
  const searched = customerId === undefined ? known : known.where('customers.id', '=', customerId);
  return [
    given(customerId, (id) => eb('credit_notes.customerId', '=', id)),
    given(externalCustomerId, () => eb('credit_notes.customerId', 'in', known)),
    given(searchTerm, (term) => {
      const pattern = anywhere(term);
      const found = searched.where((of) =>
        of.or(SEARCHED.map((column) => of(`customers.${column}`, 'ilike', pattern))),
      );
      return eb.or([
        eb(eb.cast<string>('credit_notes.id', 'text'), '=', term.toLowerCase()),
        eb('credit_notes.number', 'ilike', pattern),
        eb('credit_notes.customerId', 'in', found),
      ]);
    }),
  ];
}

function invoiceConditions(filter: CreditNoteFilter, { eb, selectFrom }: On): (Condition | undefined)[] {
  const invoices = selectFrom('invoices').select('invoices.id');
  return [
    given(filter.invoiceNumber, (number) =>
      eb('credit_notes.invoiceId', 'in', invoices.where('invoices.number', '=', number)),
    ),
    given(filter.purchaseOrderNumber, (number) =>
      eb(
        'credit_notes.invoiceId',
        'in',
        invoices.where((of) =>
          of(of.fn('lower', ['invoices.purchaseOrderNumber']), '=', of.fn('lower', [of.val(number)])),
        ),
      ),
    ),
    given(filter.selfBilled, (wanted) =>
      eb('credit_notes.invoiceId', 'in', invoices.where('invoices.selfBilled', '=', wanted)),
    ),
    given(filter.billingEntityIds, (ids) =>
      eb('credit_notes.invoiceId', 'in', invoices.where('invoices.billingEntityId', '=', anyOf(ids))),
    ),
  ];
}
