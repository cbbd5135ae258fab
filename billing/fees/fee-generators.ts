import type { InvoicedSubscriptionFacts, InvoiceFacts } from '../invoices/invoice-facts.ts';
import type { GeneratedFee } from './fee.ts';
import { generateRenewalFees } from './generate-renewal-fees.ts';
import { generateSubscriptionFee } from './generate-subscription-fee.ts';
import { generateUsageFees } from './generate-usage-fees.ts';

/**
 * Makes the fees of one kind for one subscription of an invoice. A new kind of fee is a file beside the others, listed
 * here.
 */
export type FeeGenerator = (subscription: InvoicedSubscriptionFacts, facts: InvoiceFacts) => readonly GeneratedFee[];

/** In the order in which an invoice shows the fees of a subscription (spec, subscriptions-and-invoices 4.4). */
export const feeGenerators: readonly FeeGenerator[] = [generateSubscriptionFee, generateUsageFees, generateRenewalFees];
