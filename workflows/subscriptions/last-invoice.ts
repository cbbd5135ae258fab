import type { OwnInvoiceArgument } from '../../activities/subscriptions/own-invoice-argument.ts';
import { billOwnInvoice, type OwnInvoiceOutcome } from './bill-own-invoice.ts';

/** The last invoice of a subscription that has ended. */
export const lastInvoice = (argument: OwnInvoiceArgument): Promise<OwnInvoiceOutcome> => billOwnInvoice(argument);
