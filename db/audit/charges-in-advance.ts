import { countOf, type Check } from './check.ts';

const REPORT =
  'This is a defect: fees, and where usage stands after them, are of one transaction. Keep the rows and report it.';

/** Each event of a charge in advance is charged once, and where usage stands says so (spec, usage 6; S010, S012). */
export const chargesInAdvance: Check = {
  name: 'charges-in-advance',
  title: 'Events of charges in advance are charged once',
  run: async (audit) => {
    audit.examined(await countOf(audit, 'from running_usages'), 'running usages');
    const rule = { severity: 'error', advice: REPORT } as const;
    await audit.find({
      ...rule,
      holds: 'An event has one fee at most for each charge.',
      sql: `select 'event ' || event_id as subject, format('%s fees of charge %s', count(*), charge_id) as detail
            from fees where event_id is not null group by event_id, charge_id having count(*) > 1`,
    });
    await audit.find({
      ...rule,
      holds: 'Where usage stands is the sum of its fees.',
      sql: `select 'running usage ' || running.id as subject,
                   format('%s fees of %s cents, its fees are %s of %s', running.fees_count, running.fees_amount_cents,
                          coalesce(made.count, 0), coalesce(made.sum, 0)) as detail
            from running_usages running
            left join (
              select subscription_id, charge_id, charge_filter_id, grouped_by, from_datetime,
                     count(*) as count, sum(amount_cents) as sum
              from fees where event_id is not null
              group by subscription_id, charge_id, charge_filter_id, grouped_by, from_datetime) made
              on made.subscription_id = running.subscription_id and made.charge_id = running.charge_id
                and made.charge_filter_id is not distinct from running.charge_filter_id
                and made.grouped_by = running.grouped_by and made.from_datetime = running.period_from
            where running.fees_count <> coalesce(made.count, 0)
               or running.fees_amount_cents <> coalesce(made.sum, 0)`,
    });
    await audit.find({
      ...rule,
      holds: 'An event that a charge in advance counts has its fee, or an act that is still to be done.',
      sql: `select 'event ' || event.id as subject, format('charge %s has no fee of it', charge.id) as detail
            from charges charge
            join billable_metrics metric on metric.id = charge.billable_metric_id and metric.deleted_at is null
            join subscriptions subscription
              on subscription.plan_id = charge.plan_id and subscription.status = 'active'
            join events event
              on event.organization_id = charge.organization_id and event.code = metric.code
                and event.external_subscription_id = subscription.external_id
                and event."timestamp" >= date_trunc('milliseconds', subscription.started_at)
                and event.created_at >= greatest(charge.created_at, subscription.created_at)
                and event.id > greatest(charge.id, subscription.id)
            where charge.pay_in_advance and charge.deleted_at is null
              and (metric.aggregation_type = 'count_agg'
                or metric.aggregation_type = 'unique_count_agg' and event.properties ->> metric.field_name <> ''
                or event.properties ->> metric.field_name ~ '^-?[0-9]+(\\.[0-9]+)?$')
              and not exists (select from fees where fees.event_id = event.id and fees.charge_id = charge.id)
              and not exists (select from acts where acts.id = 'instant/' || event.id || '/' || charge.id
                                and acts.state <> 'done')`,
    });
  },
};
