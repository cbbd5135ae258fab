import type { OwnInvoiceArgument } from '../../activities/subscriptions/own-invoice-argument.ts';
import { billOwnInvoice, type OwnInvoiceOutcome } from './bill-own-invoice.ts';

/** The first invoice of a plan paid in advance: at its start, or at the end of its trial. */
export const firstInvoice = (argument: OwnInvoiceArgument): Promise<OwnInvoiceOutcome> => billOwnInvoice(argument);
