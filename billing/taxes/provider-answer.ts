import type { ProviderFeeTaxes } from './provider-taxes.ts';

/** What an external tax provider says of an invoice's fees (spec, money 1.8). */
export type ProviderAnswer =
  | { readonly kind: 'taxes'; readonly fees: readonly ProviderFeeTaxes[] }
  /** Why it has none. */
  | ProviderError;

export interface ProviderError {
  readonly kind: 'error';
  readonly code: string;
  readonly message: string;
}
