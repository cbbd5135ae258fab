import type { EntityManager } from '@mikro-orm/postgresql';
import { AddOn } from '../../db/entities/add-ons/add-on.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import type { Fee } from '../../db/entities/invoices/fee.ts';
import { Charge } from '../../db/entities/plans/charge.ts';
import { ChargeFilter } from '../../db/entities/plans/charge-filter.ts';
import { Subscription } from '../../db/entities/subscriptions/subscription.ts';
import { BillableMetric } from '../../db/entities/usage/billable-metric.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { loadRelations, type LoadedRelations } from '../subscriptions/subscription-relations.ts';
import { feeJson, type ChargedItem } from './fee.ts';

export interface BilledSubscription extends LoadedRelations {
  readonly subscription: Subscription;
}

/** Whose a fee is. */
interface FeeOwner {
  readonly customer: Pick<Customer, 'externalId' | 'id'>;
  readonly selfBilled: boolean;
}

/**
 * The subscriptions that rows name, by their ids.
 *
 * @param now the organization's clock.
 */
export async function loadBilled(
  em: EntityManager,
  rows: readonly { readonly subscriptionId?: string | null | undefined }[],
  now: Date,
): Promise<(id: string) => BilledSubscription> {
  const byId = await rowsById(
    em,
    Subscription,
    rows.map(({ subscriptionId }) => subscriptionId),
  );
  const relationsOf = await loadRelations(em, [...byId.values()], now);
  return (id) => {
    const subscription = required(byId.get(id), `subscription ${id}`);
    return { subscription, ...relationsOf(subscription) };
  };
}

/**
 * Fees as they are shown: four statements at most however many they are.
 *
 * @param fees with the true-ups that add to them.
 * @param billedOf the subscriptions of the fees.
 */
export async function loadFees(
  em: EntityManager,
  fees: readonly Fee[],
  billedOf: (subscriptionId: string) => BilledSubscription,
): Promise<(fee: Fee, owner: FeeOwner) => ReturnType<typeof feeJson<string>>> {
  const chargedOf = await loadCharges(em, fees);
  const filterById = await rowsById(
    em,
    ChargeFilter,
    fees.map(({ chargeFilterId }) => chargeFilterId),
  );
  const addOnById = await rowsById(
    em,
    AddOn,
    fees.map(({ addOnId }) => addOnId),
  );
  const trueUpOf = new Map(fees.map(({ id, trueUpParentFeeId }) => [trueUpParentFeeId, id]));
  return (fee, { customer, selfBilled }) => {
    const { subscription = null, plan = null } = fee.subscriptionId ? billedOf(fee.subscriptionId) : {};
    const charged = fee.chargeId ? chargedOf(fee.chargeId) : null;
    const { chargeFilterId: filterId } = fee;
    const chargeFilter = filterId ? required(filterById.get(filterId), `charge filter ${filterId}`) : null;
    const addOn = fee.addOnId ? required(addOnById.get(fee.addOnId), `add-on ${fee.addOnId}`) : null;
    const trueUpFeeId = trueUpOf.get(fee.id) ?? null;
    return feeJson(fee, { customer, selfBilled, subscription, plan, charged, chargeFilter, trueUpFeeId, addOn });
  };
}

/** Deleted charges and metrics too: what was billed stays printable. */
async function loadCharges(em: EntityManager, fees: readonly Fee[]): Promise<(id: string) => ChargedItem> {
  const chargeById = await rowsById(
    em,
    Charge,
    fees.map(({ chargeId }) => chargeId),
  );
  const metricIds = [...chargeById.values()].map((charge) => charge.billableMetricId);
  const metricById = await rowsById(em, BillableMetric, metricIds);
  return (id) => {
    const charge = required(chargeById.get(id), `charge ${id}`);
    return { charge, billableMetric: required(metricById.get(charge.billableMetricId), `metric of charge ${id}`) };
  };
}

function required<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new Error(`the ${what} is missing`);
  return row;
}
