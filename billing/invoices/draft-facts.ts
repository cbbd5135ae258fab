import type { CustomerDateSettings, InvoiceDateSettings } from './invoice-dates.ts';
import { INVOICE_POLICIES, type InvoiceType } from './invoice-policy.ts';

/** What decides whether an invoice is a draft. */
export interface DraftFacts {
  readonly invoiceType: InvoiceType;
  /** Of an invoice for one event of a charge in advance, which has no grace period. */
  readonly instant?: object | undefined;
  /** Whether it was made before: a draft that is refreshed or becomes final. */
  readonly isMadeAgain: boolean;
  /** Whether it becomes final now; anything but null says so. */
  readonly finalizedOn: object | null;
  readonly customer: Pick<CustomerDateSettings, 'invoiceGracePeriod'>;
  readonly billingEntity: Pick<InvoiceDateSettings, 'invoiceGracePeriod'>;
}

/**
 * Whether an invoice that is made is a draft: it has a grace period, or had one when it was made. Without one any more
 * it is due, and still a draft until it is finalized (spec, subscriptions-and-invoices 6.6).
 */
export const isDraft = (facts: DraftFacts): boolean => {
  const { isMadeAgain, finalizedOn, customer, billingEntity } = facts;
  return (
    hasGracePeriod(facts) &&
    finalizedOn === null &&
    (isMadeAgain || (customer.invoiceGracePeriod ?? billingEntity.invoiceGracePeriod) > 0)
  );
};

/** Whether a grace period moves its dates: an invoice for an event is dated on the event's day (spec, usage 6.5). */
export const hasGracePeriod = ({ invoiceType, instant }: Pick<DraftFacts, 'invoiceType' | 'instant'>): boolean =>
  INVOICE_POLICIES[invoiceType].hasGracePeriod && instant === undefined;
