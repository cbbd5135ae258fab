import { v5 } from 'uuid';
import type { KeyValues } from '../../billing/usage/bucket-condition.ts';

/** Namespace of the ids of running usages, and of the invoices of single events. */
const NAMESPACE = '0d7c2f52-3a0d-5b7e-8f0c-5a9a7d8c6e21';

/** What a running usage is of. */
export interface RunningUsageOwner {
  readonly subscriptionId: string;
  readonly chargeId: string;
  readonly chargeFilterId: string | null;
  readonly groupedBy: KeyValues;
  /** null: what is counted in it carries over from period to period. */
  readonly periodFrom: Date | null;
}

/** The id that the running usage of a bucket, a group and a period always has. */
export const runningUsageId = (owner: RunningUsageOwner): string => {
  const { subscriptionId, chargeId, chargeFilterId, groupedBy, periodFrom } = owner;
  const group = Object.entries(groupedBy).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return v5(
    JSON.stringify([subscriptionId, chargeId, chargeFilterId, group, periodFrom?.toISOString() ?? null]),
    NAMESPACE,
  );
};

/** The id that the invoice of an event and a charge always has, so that there is never a second one. */
export const instantInvoiceId = (eventId: string, chargeId: string): string =>
  v5(JSON.stringify([eventId, chargeId]), NAMESPACE);
