/**
 * SQL: up to when the acts that are left of an ended subscription bill it, exclusive; null: there are none. The act of
 * a last invoice says its instant; that of a period that closed before the end says on which day it closed, in its own
 * time zone.
 *
 * @param subscription the name of its row in the statement.
 */
export const billedByOpenActs = (subscription: string): string => `
  select max(closing.instant) as until
  from acts cross join lateral (
    select case acts.kind
      when 'end' then (acts.argument->>'at')::timestamptz
      when 'period' then (acts.argument->>'billingDay')::timestamp at time zone (acts.argument->>'timeZone')
      end as instant) closing
  where acts.organization_id = ${subscription}.organization_id and acts.subscription_id = ${subscription}.id
    and acts.state <> 'done'
    and (acts.kind = 'end' or (acts.argument->>'billingDay')::date <
      (${subscription}.terminated_at at time zone (acts.argument->>'timeZone'))::date)`;
