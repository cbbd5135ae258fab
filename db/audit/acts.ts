import { countOf, type Audit, type Check } from './check.ts';

const OPEN = `('wanted', 'waiting', 'working')`;

/** Longer than any worker takes, and than the watchdog needs to notice. */
const LATE = `interval '10 minutes'`;

const DEFECT = 'This is a defect, or a hand-made change. The watchdog does not see it: report it with these ids.';

/** Everything durable that has to happen has an act, and every act has had its effect (docs/architecture/acts.md). */
export const acts: Check = {
  name: 'acts',
  title: 'Acts agree with what they do',
  run: async (audit) => {
    audit.examined(await countOf(audit, `from acts where state <> 'done'`), 'acts that are not done');
    await subscriptionsAndTheirActs(audit);
    await claimsAndEffects(audit);
    await lateAndFailed(audit);
  },
};

async function subscriptionsAndTheirActs(audit: Audit): Promise<void> {
  const rule = { severity: 'error', advice: DEFECT } as const;
  await audit.find({
    ...rule,
    holds: 'An active subscription has exactly one open act of its period, unless that failed.',
    sql: `select 'subscription ' || subscriptions.id as subject,
                 format('%s open acts', coalesce(open.count, 0)) as detail
          from subscriptions
          left join (select subscription_id, count(*) filter (where state in ${OPEN}) as count,
                            count(*) filter (where state = 'failed') as failed
                     from acts where kind = 'period' and state <> 'done' group by subscription_id) open
            on open.subscription_id = subscriptions.id
          where subscriptions.status = 'active' and subscriptions.started_at is not null
            and (coalesce(open.count, 0) > 1 or (coalesce(open.count, 0) = 0 and coalesce(open.failed, 0) = 0))`,
  });
  await audit.find({
    ...rule,
    holds: 'A subscription that has ended has no open act of a period.',
    sql: `select 'subscription ' || subscriptions.id as subject, format('%s is %s', acts.id, acts.state) as detail
          from acts join subscriptions on subscriptions.id = acts.subscription_id
          where acts.kind = 'period' and acts.state in ${OPEN} and acts.changed_at < clock_timestamp() - ${LATE}
            and subscriptions.status in ('terminated', 'canceled')`,
  });
  if (audit.options.kinds.has('activate')) {
    await audit.find({
      ...rule,
      holds: 'A subscription that starts later has the act that starts it.',
      sql: `select 'subscription ' || id as subject, format('starts on %s', subscription_at) as detail
            from subscriptions
            where status = 'pending' and previous_subscription_id is null
              and not exists (select 1 from acts where acts.organization_id = subscriptions.organization_id
                                and acts.subscription_id = subscriptions.id and acts.kind = 'activate'
                                and acts.state <> 'done')`,
    });
  }
  if (audit.options.kinds.has('end')) {
    await audit.find({
      ...rule,
      holds: 'A subscription that has ended has its last invoice, or an act that makes it.',
      // What follows an upgrade or a downgrade is billed with the next subscription's invoice.
      sql: `select 'subscription ' || id as subject, format('ended on %s', terminated_at) as detail
            from subscriptions
            where status = 'terminated' and on_termination_invoice = 'generate'
              and not exists (select 1 from subscriptions next where next.previous_subscription_id = subscriptions.id)
              and not exists (select 1 from acts where acts.organization_id = subscriptions.organization_id
                                and acts.subscription_id = subscriptions.id and acts.kind = 'end'
                                and acts.state <> 'done')
              and not exists (select 1 from invoice_subscriptions line where line.subscription_id = subscriptions.id
                                and line.invoicing_reason = 'subscription_terminating')`,
    });
  }
  if (audit.options.kinds.has('finalize')) {
    await audit.find({
      ...rule,
      holds: 'A draft has the act that finalizes it.',
      sql: `select 'invoice ' || id as subject, format('to be finalized on %s', expected_finalization_date) as detail
            from invoices
            where status = 'draft'
              and not exists (select 1 from acts where acts.organization_id = invoices.organization_id
                                and acts.invoice_id = invoices.id and acts.kind = 'finalize' and acts.state <> 'done')`,
    });
  }
}

async function claimsAndEffects(audit: Audit): Promise<void> {
  const rule = { severity: 'error', advice: DEFECT } as const;
  await audit.find({
    ...rule,
    holds: 'A claimed period is on the invoice that claims it.',
    sql: `select 'subscription ' || claim.subscription_id as subject,
                 format('period %s is claimed by invoice %s (%s)', claim.period_key, claim.invoice_id,
                        coalesce(invoices.status, 'not there')) as detail
          from billing_claims claim left join invoices on invoices.id = claim.invoice_id
          where invoices.id is null
             or (invoices.status not in ('generating', 'deleted')
                 and not exists (select 1 from invoice_subscriptions line
                                 where line.organization_id = claim.organization_id
                                   and line.invoice_id = claim.invoice_id
                                   and line.subscription_id = claim.subscription_id))`,
  });
  await audit.find({
    ...rule,
    holds: 'The act of a period is done once the period is claimed, and not before.',
    // A period whose subscription ended in it is superseded: the last invoice bills it.
    sql: `select 'act ' || acts.id as subject,
                 format('done, but period %s is not claimed', acts.argument ->> 'periodKey') as detail
          from acts join subscriptions on subscriptions.id = acts.subscription_id
          where acts.kind = 'period' and acts.state = 'done' and subscriptions.status = 'active'
            and not exists (select 1 from billing_claims claim where claim.subscription_id = acts.subscription_id
                              and claim.period_key = acts.argument ->> 'periodKey')
          union all
          select 'act ' || acts.id, format('%s, but invoice %s has claimed its period', acts.state, claim.invoice_id)
          from acts join billing_claims claim on claim.subscription_id = acts.subscription_id
            and claim.period_key = acts.argument ->> 'periodKey'
          where acts.kind = 'period' and acts.state in ${OPEN} and acts.changed_at < clock_timestamp() - ${LATE}
            and acts.due_at < (select coalesce(clock_now, clock_timestamp()) from organizations
                               where organizations.id = acts.organization_id)`,
  });
  for (const [kind, reason, what] of [
    ['start', 'subscription_starting', 'first'],
    ['end', 'subscription_terminating', 'last'],
  ] as const) {
    await audit.find({
      ...rule,
      holds: `The act of a ${what} invoice is done once there is one.`,
      sql: `select 'act ' || id as subject, 'done, but the invoice is not there'::text as detail
            from acts
            where kind = '${kind}' and state = 'done'
              and not exists (select 1 from invoice_subscriptions line where line.organization_id = acts.organization_id
                                and line.subscription_id = acts.subscription_id
                                and line.invoicing_reason = '${reason}')`,
    });
  }
}

async function lateAndFailed(audit: Audit): Promise<void> {
  await audit.find({
    holds: 'What is wanted is started within minutes.',
    severity: 'error',
    advice: 'Look whether a worker runs and reaches Temporal (its /ready and log); it starts what waits by itself.',
    sql: `select 'act ' || acts.id as subject, format('wanted since %s', acts.changed_at) as detail
          from acts join organizations on organizations.id = acts.organization_id
          where acts.state = 'wanted' and acts.changed_at < clock_timestamp() - ${LATE}
            and (acts.due_at is null or acts.aside
                 or acts.due_at <= coalesce(organizations.clock_now, clock_timestamp()))
          order by acts.changed_at`,
  });
  await audit.find({
    holds: 'What waits for a moment is done when the moment has come.',
    severity: 'error',
    advice: 'Look at its workflow in the Temporal UI; the watchdog (Schedule `watchdog`) should have told it again.',
    sql: `select 'act ' || acts.id as subject, format('%s, due %s', acts.state, acts.due_at) as detail
          from acts join organizations on organizations.id = acts.organization_id
          where acts.state = 'waiting' and (organizations.clock_now is null or acts.aside)
            and acts.due_at < clock_timestamp() - ${LATE} and acts.changed_at < clock_timestamp() - ${LATE}
          order by acts.due_at`,
  });
  await audit.find({
    holds: 'Nothing has failed.',
    severity: 'warning',
    advice:
      "Correct what its error says. Then have it done again with the organization's API key: " +
      "POST /api/v1/workflows/<the act's id, URL-encoded>/retry",
    sql: `select 'act ' || id as subject, coalesce(error, 'it does not say why') as detail
          from acts where state = 'failed' order by changed_at`,
  });
  await audit.find({
    holds: 'Every invoice could be made.',
    severity: 'warning',
    advice:
      'Its failed act is listed above, and its errors are in invoice_errors; when the act is done, this row is filled.',
    sql: `select 'invoice ' || id as subject, format('being made since %s', created_at) as detail
          from invoices where status = 'generating' order by created_at`,
  });
}
