/** `partner`: its invoices are self-billed (spec, subscriptions-and-invoices 11.1). */
export const ACCOUNT_TYPES = ['customer', 'partner'] as const;
export type AccountType = (typeof ACCOUNT_TYPES)[number];

export const CUSTOMER_TYPES = ['company', 'individual'] as const;
export type CustomerType = (typeof CUSTOMER_TYPES)[number];
