import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';

/** What a request says of an issuer's settings; what is absent stays as it is, null: there is none. */
export type IssuerSettings = Partial<
  Pick<
    BillingEntity,
    | 'defaultCurrency'
    | 'country'
    | 'addressLine1'
    | 'addressLine2'
    | 'city'
    | 'state'
    | 'zipcode'
    | 'email'
    | 'phone'
    | 'legalName'
    | 'legalNumber'
    | 'taxIdentificationNumber'
    | 'timezone'
    | 'netPaymentTerm'
    | 'emailSettings'
    | 'documentNumbering'
    | 'finalizeZeroAmountInvoice'
    | 'euTaxManagement'
    | 'invoiceFooter'
    | 'invoiceGracePeriod'
    | 'documentLocale'
    | 'subscriptionInvoiceIssuingDateAnchor'
    | 'subscriptionInvoiceIssuingDateAdjustment'
  >
>;

/** What a request says of a billing entity. */
export interface BillingEntityChanges {
  readonly name?: string;
  /**
   * null: the default one. It has to differ from those of other entities (`billing/organizations/number-prefix.ts`).
   */
  readonly documentNumberPrefix?: string | null;
  readonly einvoicing?: boolean;
  /** A data URL; null: none. */
  readonly logoUrl?: string | null;
  readonly settings: IssuerSettings;
}
