import { keyValues } from '../queries/usage/key-values.ts';
import { numericValue } from '../queries/usage/numeric-value.ts';
import { rollupTotals } from '../queries/usage/rolled-up.ts';
import { countOf, type Audit, type Check } from './check.ts';

/** Subscriptions whose usage is compared unless all is. */
const SAMPLE = 500;
/** Subscriptions compared by one statement. */
const PAGE = 50;

interface Metric {
  readonly id: string;
  readonly organizationId: string;
  readonly code: string;
  readonly fieldName: string | null;
  readonly rollupKeys: readonly string[];
  readonly aggregationType: string;
  readonly amountsRolledUp: boolean;
}

/**
 * The hours of which rollups and events differ: in how many events, and for a metric with a field in what its numbers
 * add up to; in the prices that events bring, where the rollups are of a version that keeps them. By the values of the
 * metric's keys: rollups that were made by other keys stand beside the right ones, with events that those lack.
 */
const difference = (scope: string): string => `
  with event (external_subscription_id, hour, keys, events, numbers, sum, amount, max, latest, moment) as (
    select external_subscription_id, hour, keys, ${rollupTotals('$5::text', 'read')}
    from (select id, external_subscription_id, "timestamp", precise_total_amount_cents as amount,
                 date_bin('1 hour', "timestamp", 'epoch'::timestamptz) as hour,
                 ${keyValues('$4::jsonb', 'properties')} as keys, ${numericValue('(properties ->> $3::text)')} as value
          from events where organization_id = $1 and code = $2 and external_subscription_id is not null ${scope}) read
    group by 1, 2, 3),
  rolled as (
    select external_subscription_id, hour, keys, events_count as events, numeric_events_count as numbers, sum, amount,
           max, latest, moment
    from usage_rollups where organization_id = $1 and code = $2 ${scope})
  select format('organization %s, metric %s', $1::uuid, $2::text) as subject,
         format('subscription %s, hour %s%s: %s events rolled up, %s stored; sums %s and %s',
                external_subscription_id, hour, case when keys = '{}' then '' else format(', keys %s', keys) end,
                coalesce(rolled.events, 0), coalesce(event.events, 0),
                coalesce(rolled.sum, 0), coalesce(event.sum, 0)) as detail
  from event full join rolled using (external_subscription_id, hour, keys)
  where coalesce(event.events, 0) <> coalesce(rolled.events, 0)
     or ($3::text is not null and (coalesce(event.numbers, 0) <> coalesce(rolled.numbers, 0)
                                   or coalesce(event.sum, 0) <> coalesce(rolled.sum, 0)
                                   or event.max is distinct from rolled.max
                                   or event.latest is distinct from rolled.latest
                                   or event.moment is distinct from rolled.moment
                                   or ($6::boolean and event.amount is distinct from rolled.amount)))
  order by external_subscription_id, hour, keys`;

const rule = {
  holds: 'Rollups are what the events add up to.',
  severity: 'error',
  advice:
    'Invoices of these hours may be wrong. Have the rollups of the metric made again: send its definition once ' +
    'more (PUT /billable_metrics/:code), and compare.',
} as const;

/** Usage that was rolled up at its arrival is what the raw events say (docs/architecture/usage.md). */
export const rollups: Check = {
  name: 'rollups',
  title: 'Rollups equal raw events',
  run: (audit) => (audit.options.full ? compareAll(audit) : compareSample(audit)),
};

const METRICS = `
  select id, organization_id as "organizationId", code, aggregation_type as "aggregationType",
         field_name as "fieldName", rollup_keys as "rollupKeys", amounts_rolled_up as "amountsRolledUp"
  from billable_metrics
  where deleted_at is null and rolled_up`;

const parametersOf = (metric: Metric): readonly unknown[] => [
  metric.organizationId,
  metric.code,
  metric.fieldName,
  JSON.stringify(metric.rollupKeys),
  metric.aggregationType,
  metric.amountsRolledUp,
];

async function compareAll(audit: Audit): Promise<void> {
  audit.examined(await countOf(audit, 'from usage_rollups'), 'rolled up hours, against all events');
  const metrics = await audit.rows<Metric>(`${METRICS} order by organization_id, code`);
  for (const [done, metric] of metrics.entries()) {
    audit.progress(`${done} of ${metrics.length} metrics`);
    await audit.find({
      ...rule,
      sql: difference(''),
      parameters: parametersOf(metric),
    });
  }
}

async function compareSample(audit: Audit): Promise<void> {
  const chosen = await audit.rows<{ organizationId: string; externalId: string }>(
    `select organization_id as "organizationId", external_id as "externalId" from subscriptions
     group by organization_id, external_id order by md5(external_id || organization_id::text || $1) limit ${SAMPLE}`,
    [audit.options.seed],
  );
  audit.examined(chosen.length, `subscriptions, chosen by ${audit.options.seed} (all with --full)`);
  const organizations = Map.groupBy(chosen, ({ organizationId }) => organizationId);
  let done = 0;
  for (const [organizationId, subscriptions] of organizations) {
    const metrics = await audit.rows<Metric>(`${METRICS} and organization_id = $1 order by code`, [organizationId]);
    for (let at = 0; at < subscriptions.length; at += PAGE) {
      const page = subscriptions.slice(at, at + PAGE).map(({ externalId }) => externalId);
      for (const metric of metrics) {
        const scope = 'and external_subscription_id = any($7::text[])';
        await audit.find({
          ...rule,
          sql: difference(scope),
          parameters: [...parametersOf(metric), page],
        });
      }
      done += page.length;
      audit.progress(`${done} of ${chosen.length} subscriptions`);
    }
  }
}
