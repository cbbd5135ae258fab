import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { v7, validate as isUuid } from 'uuid';
import { invalid, notFound } from '../../billing/refusal.ts';
import { BillableMetric } from '../../db/entities/billable-metric.ts';
import { Charge } from '../../db/entities/charge.ts';
import type { Plan } from '../../db/entities/plan.ts';
import { chargeCodes } from './charge-codes.ts';
import type { ChargeInput } from './charge-schema.ts';
import { newChargeTerms, updatedChargeTerms, type ChargeTerms } from './charge-terms.ts';
import type { ChargeWithMetric } from '../../shapes/plans/load-plans.ts';

/** A charge of the wanted list. */
interface WantedCharge {
  readonly terms: ChargeTerms;
  readonly metric: BillableMetric;
  /** null: it will be generated. */
  readonly code: string | null;
  /** The charge it changes; absent: it is new. */
  readonly present?: Charge;
}

/**
 * Makes the plan's charges those of the list, in its order: items with the id of a charge change it, items without make one, and
 * charges that are not listed are deleted (spec, subscriptions-and-invoices 1.4). Fees of deleted charges stay.
 *
 * @param locked whether the plan has, or had, subscriptions: then model, code and metric of its charges stay.
 * @returns the charges as they are now, in the order of the list.
 * @throws Refusal 404 `billable_metrics_not_found`; 422, 403 as `newChargeTerms`; 422 `code: value_already_exist`.
 */
export async function saveCharges(
  em: EntityManager,
  plan: Plan,
  inputs: readonly ChargeInput[],
  { locked, now }: { readonly locked: boolean; readonly now: Date },
): Promise<ChargeWithMetric[]> {
  const present = await em.find(Charge, { planId: plan.id, deletedAt: null });
  const presentById = new Map(present.map((charge) => [charge.id, charge]));
  const metrics = await holdMetrics(em, inputs, present);
  const wanted = inputs.map((input, index) =>
    wantedCharge(input, presentById.get(input.id ?? ''), metrics, { locked, path: ['charges', String(index)] }),
  );
  const codes = chargeCodes(wanted.map(({ code, metric }) => ({ code, metricCode: metric.code })));

  const kept = new Set(wanted.flatMap(({ present: charge }) => charge?.id ?? []));
  if (kept.size < wanted.filter((charge) => charge.present).length) throw invalid({ id: ['value_already_exist'] });
  const dropped = present.filter(({ id }) => !kept.has(id)).map(({ id }) => id);
  // First, so that the codes of the deleted ones are free.
  await em.nativeUpdate(Charge, { id: dropped }, { deletedAt: now, updatedAt: now });

  const saved = wanted.map(({ terms, metric, present: charge }, position) => {
    const row = { ...terms, code: codes[position] ?? '', billableMetricId: metric.id, position, updatedAt: now };
    if (charge) return { charge: em.assign(charge, row), billableMetric: metric };
    const made = em.create(Charge, {
      id: v7(),
      organizationId: plan.organizationId,
      planId: plan.id,
      createdAt: now,
      ...row,
    });
    return { charge: made, billableMetric: metric };
  });
  await em.flush();
  return saved;
}

/**
 * The metrics that the charges name, by id, held until the end of the transaction: none is deleted or redefined meanwhile.
 *
 * @throws Refusal 404 `billable_metrics_not_found` for an unknown one (spec, usage 3.2).
 */
async function holdMetrics(
  em: EntityManager,
  inputs: readonly ChargeInput[],
  present: readonly Charge[],
): Promise<ReadonlyMap<string, BillableMetric>> {
  const asked = new Set(inputs.flatMap(({ billable_metric_id: id }) => (id == null ? [] : [id])));
  const ids = [...asked, ...present.map((charge) => charge.billableMetricId)].filter((id) => isUuid(id));
  const metrics = await em.find(
    BillableMetric,
    { id: [...new Set(ids)], deletedAt: null },
    { lockMode: LockMode.PESSIMISTIC_READ, orderBy: { id: 'asc' } },
  );
  const byId = new Map(metrics.map((metric) => [metric.id, metric]));
  if ([...asked].some((id) => !byId.has(id.toLowerCase()))) throw notFound('billable_metrics');
  return byId;
}

function wantedCharge(
  input: ChargeInput,
  present: Charge | undefined,
  metrics: ReadonlyMap<string, BillableMetric>,
  { locked, path }: { readonly locked: boolean; readonly path: readonly string[] },
): WantedCharge {
  const given = input.billable_metric_id?.toLowerCase();
  const metric = metrics.get(
    (locked ? present?.billableMetricId : undefined) ?? given ?? present?.billableMetricId ?? '',
  );
  if (!metric) throw notFound('billable_metrics');
  const code = input.code?.trim() ? input.code : null;
  if (!present) return { terms: newChargeTerms(input, metric, path), metric, code };
  return {
    terms: updatedChargeTerms(input, present, metric, { locked, path }),
    metric,
    code: locked ? present.code : (code ?? present.code),
    present,
  };
}
