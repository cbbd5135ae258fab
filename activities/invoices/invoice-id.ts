import { v5 } from 'uuid';

/** Namespace of the ids of periodic invoices. */
const NAMESPACE = 'c1a2b7de-5d3c-5f0e-9b0a-6c1f5f1d7a30';

/**
 * The id that the invoice of a customer, due day and group always has, so that a later attempt finds the row of an
 * earlier one.
 *
 * @param billingDay `YYYY-MM-DD` in the customer's calendar.
 * @param occurrence 0, or how many finished invoices of this day and group there are already: a subscription may fall
 * due for a day whose invoice is out.
 */
export const periodicInvoiceId = (
  customerId: string,
  billingDay: string,
  groupKey: string,
  occurrence: number,
): string => v5(JSON.stringify([customerId, billingDay, groupKey, occurrence]), NAMESPACE);
