import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** Taxes an invoice that waited for its taxes, and makes it final (spec, money 1.7, 1.8). */
export const taxInvoiceKind = {
  name: 'taxInvoice',
  workflow: 'taxInvoice',
  queue: 'billing',
  reuse: 'ALLOW_DUPLICATE',
  conflict: 'USE_EXISTING',
  priority: 2,
  rank: 65,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export const taxInvoiceId = (invoiceId: string): string => `taxes/${invoiceId}`;

export interface TaxInvoiceArgument extends ActArgument {
  readonly invoiceId: string;
}

export function taxInvoiceAct(input: {
  readonly organizationId: string;
  readonly customerId: string;
  readonly invoiceId: string;
}): WantedAct {
  const { organizationId, customerId, invoiceId } = input;
  return actOf(taxInvoiceKind, {
    id: taxInvoiceId(invoiceId),
    organizationId,
    customerId,
    invoiceId,
    argument: { invoiceId },
    summary: `Tax invoice ${invoiceId} and make it final`,
  });
}
