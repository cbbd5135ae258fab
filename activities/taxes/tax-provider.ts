import type { ProviderAnswer } from '../../billing/taxes/provider-answer.ts';

/** An invoice as an external tax provider is told of it. */
export interface ProviderInvoice {
  readonly invoiceId: string;
  readonly currency: string;
  /** `YYYY-MM-DD`. */
  readonly issuingDate: string;
  readonly customer: {
    readonly externalId: string;
    readonly name: string | null;
    readonly taxIdentificationNumber: string | null;
    readonly addressLine1: string | null;
    readonly addressLine2: string | null;
    readonly city: string | null;
    readonly zipcode: string | null;
    readonly state: string | null;
    readonly country: string | null;
  };
}

/** One of its fees. */
export interface ProviderFee {
  /** Its answer names it (S067). */
  readonly feeId: string;
  /** Of what it is for: a charge, an add-on or a subscription. */
  readonly itemId: string;
  /** Without its coupons. */
  readonly amountCents: bigint;
}

/**
 * Somebody else who calculates taxes, in the place of our own rules (spec, money 1.8). A client of one is a file of its
 * own; there is none yet. What it does for voided invoices and credit notes comes with them.
 *
 * It may be asked again about what it has answered, and must know an invoice by its id. Its own errors are answers;
 * what it throws, also when the signal is aborted, becomes one.
 */
export interface TaxProvider {
  /** As webhooks name it: `anrok`. */
  readonly name: string;
  /** Of a draft, which may still change. */
  readonly estimate: (question: ProviderQuestion) => Promise<ProviderAnswer>;
  /** Of an invoice that becomes final with the answer. */
  readonly record: (question: ProviderQuestion) => Promise<ProviderAnswer>;
}

export interface ProviderQuestion {
  readonly invoice: ProviderInvoice;
  readonly fees: readonly ProviderFee[];
  /** Aborted when it takes too long. */
  readonly signal: AbortSignal;
}

/** By the codes that customers have. */
export type TaxProviders = ReadonlyMap<string, TaxProvider>;
