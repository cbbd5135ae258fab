/** An answer as it is stored: exact numbers are texts. */
export type StoredProviderAnswer =
  | {
      readonly kind: 'taxes';
      readonly fees: readonly {
        readonly feeId: string;
        readonly taxAmountCents: string;
        readonly breakdown: readonly {
          readonly name: string;
          readonly rate: string;
          readonly taxAmountCents: string;
          readonly type: string;
        }[];
      }[];
    }
  | { readonly kind: 'error'; readonly code: string; readonly message: string };
