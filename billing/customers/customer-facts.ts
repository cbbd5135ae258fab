import type { CustomerDateSettings } from '../invoices/invoice-dates.ts';
import type { CustomerZeroAmountSetting } from '../invoices/invoice-status.ts';

/** A customer as billing knows it, from its row or from a request. */
export type CustomerFacts = CustomerZeroAmountSetting & {
  readonly [Setting in keyof CustomerDateSettings]?: CustomerDateSettings[Setting] | undefined;
};

/** What a customer says about its invoices; null inherits from its billing entity. */
export type CustomerInvoiceSettings = CustomerDateSettings & CustomerZeroAmountSetting;

/** What a customer says about its invoices. */
export const customerSettings = (customer: CustomerFacts): CustomerInvoiceSettings => ({
  invoiceGracePeriod: customer.invoiceGracePeriod ?? null,
  netPaymentTerm: customer.netPaymentTerm ?? null,
  subscriptionInvoiceIssuingDateAnchor: customer.subscriptionInvoiceIssuingDateAnchor ?? null,
  subscriptionInvoiceIssuingDateAdjustment: customer.subscriptionInvoiceIssuingDateAdjustment ?? null,
  finalizeZeroAmountInvoice: customer.finalizeZeroAmountInvoice,
});
