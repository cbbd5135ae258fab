import type { EntityManager } from '@mikro-orm/postgresql';
import { v5 } from 'uuid';
import { gatherFees } from '../../billing/invoices/gather-fees.ts';
import type { InvoiceFacts } from '../../billing/invoices/invoice-facts.ts';
import { paidFees } from '../../db/queries/instant-charges/paid-fees.ts';
import type { InvoicePlace, InvoiceToSave } from '../invoices/save-invoices.ts';

/** Namespace of the ids of invoices that gather paid fees. */
const NAMESPACE = '5f1c9c7e-8a1b-5d0e-a1f3-2f0b7e6c4d93';

/** An invoice of plans, beside which fees are gathered. */
export interface GatheringOccasion {
  readonly place: InvoicePlace;
  readonly facts: InvoiceFacts;
}

/**
 * The invoices that gather the paid fees of customers whose subscriptions are renewed or end: one for each purchase
 * order number, in the transaction that bills them; of none that is paid, none (spec, usage 6.7; S016). Where no
 * customer has such a fee it asks nothing.
 */
export async function gatherPaidFees(
  em: EntityManager,
  organizationId: string,
  occasions: readonly GatheringOccasion[],
): Promise<readonly InvoiceToSave[]> {
  const gathering = occasions.filter(({ facts }) => facts.hasPaidFees === true && facts.subscriptions.length > 0);
  if (gathering.length === 0) return [];
  const fees = await paidFees(
    em,
    organizationId,
    gathering.map(({ place, facts: { subscriptions } }) => ({
      subscriptionIds: subscriptions.map(({ subscriptionId }) => subscriptionId),
      at: place.now,
      isRenewal: subscriptions.every(({ invoicingReason }) => invoicingReason !== 'subscription_terminating'),
    })),
  );
  return gathering.flatMap(({ place, facts }, at) => {
    const own = Map.groupBy(
      fees.filter((fee) => fee.place === at),
      ({ purchaseOrderNumber }) => purchaseOrderNumber,
    );
    return [...own].map(([purchaseOrderNumber, gathered]) => ({
      place: {
        ...place,
        invoiceId: v5(JSON.stringify([place.invoiceId, purchaseOrderNumber]), NAMESPACE),
        purchaseOrderNumber,
        isNew: true,
      },
      calculated: gatherFees(facts, gathered),
    }));
  });
}
