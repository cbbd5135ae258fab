import { countOf, type Audit, type Check, type Rule } from './check.ts';

interface WindowKind {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** Which rows bill their window: a split plan's invoices repeat a window of fees that they do not bill. */
  readonly bills: string;
  /**
   * By how much consecutive windows may miss each other, in SQL over the columns of `laid`. When the time zone changes,
   * windows of usage and of fixed charges are moved to meet the former one, those of fees are not (spec,
   * subscriptions-and-invoices 3.2.5).
   */
  readonly slack: string;
}

const ZONE_CHANGE = `case when zones > 1 then interval '26 hours' else interval '0' end`;

/**
 * A first invoice has no usage, whatever window it names: that of the former period where a trial ended in a later one.
 */
const BILLS_USAGE = `line.invoicing_reason <> 'subscription_starting'`;

const KINDS: readonly WindowKind[] = [
  {
    name: 'subscription fee',
    from: 'from_datetime',
    to: 'to_datetime',
    bills: `exists (select 1 from fees where fees.organization_id = line.organization_id
              and fees.invoice_id = line.invoice_id
              and fees.subscription_id = line.subscription_id and fees.fee_type = 'subscription')`,
    slack: ZONE_CHANGE,
  },
  {
    name: 'usage charges',
    from: 'charges_from_datetime',
    to: 'charges_to_datetime',
    bills: BILLS_USAGE,
    slack: `interval '0'`,
  },
  {
    name: 'fixed charges',
    from: 'fixed_charges_from_datetime',
    to: 'fixed_charges_to_datetime',
    bills: BILLS_USAGE,
    slack: `interval '0'`,
  },
];

/**
 * The windows of one kind in the order of their starts, each with how far the ones before it reach. Windows of no
 * length bill nothing; those of progressive invoices and of charges in advance lie inside a regular one.
 */
const laid = ({ from, to }: WindowKind, which: string): string => `
  with line as (
    select line.*, line.${from} as starts, line.${to} as ends, invoices.status, invoices.timezone
    from invoice_subscriptions line join invoices on invoices.id = line.invoice_id
    where line.invoicing_reason in ('subscription_starting', 'subscription_periodic', 'subscription_terminating')
      and line.${from} < line.${to}),
  laid as (
    select *, max(ends) over before as reached,
           first_value(timezone) over whole is distinct from last_value(timezone) over whole
                as changed
    from line where ${which}
    window before as (partition by subscription_id order by starts, ends
                       rows between unbounded preceding and 1 preceding),
           whole as (partition by subscription_id order by timezone
                      rows between unbounded preceding and unbounded following)),
  measured as (select *, case when changed then 2 else 1 end as zones from laid)`;

const rulesOf = (kind: WindowKind): readonly Rule[] => [
  {
    holds: `No time of a subscription is billed twice (${kind.name}).`,
    severity: 'error',
    advice: 'Look at both invoices; void the one that should not be, with a credit note if it was paid.',
    // A voided invoice may have been made again, and a deleted one was never sent.
    sql: `${laid(kind, `status not in ('voided', 'deleted') and ${kind.bills}`)}
      select 'subscription ' || subscription_id as subject,
             format('invoice %s bills from %s, but %s was billed before', invoice_id, starts, reached) as detail
      from measured where starts <= reached - ${kind.slack}
      order by subscription_id, starts`,
  },
  {
    holds: `No time of a subscription is left out between two invoices (${kind.name}).`,
    severity: 'error',
    advice:
      'Look for a period act of this subscription that failed or is missing, and for events in the time left out.',
    // Voided and deleted ones stand for a decision: their time is not billed again by itself.
    sql: `${laid(kind, 'true')}
      select 'subscription ' || subscription_id as subject,
             format('nothing bills from %s to invoice %s, which begins at %s', reached, invoice_id, starts) as detail
      from measured
      where starts > reached + interval '1 second' + ${kind.slack}
        and not exists (select 1 from acts where acts.organization_id = measured.organization_id
                          and acts.subscription_id = measured.subscription_id and acts.state = 'failed')
      order by subscription_id, starts`,
  },
];

/** The windows of a subscription's invoices follow each other without a gap and without an overlap. */
export const windows: Check = {
  name: 'windows',
  title: 'Windows of consecutive invoices meet',
  run: async (audit: Audit) => {
    audit.examined(await countOf(audit, 'from invoice_subscriptions'), 'windows');
    for (const kind of KINDS) for (const rule of rulesOf(kind)) await audit.find(rule);
    await audit.find({
      holds: 'Of the subscriptions with one external id, one has the usage of a time.',
      severity: 'error',
      advice:
        'Look at both invoices for events that both bill; void the one that should not, with a credit note if it ' +
        'was paid.',
      // An end and a beginning may share their instant: its events are the one's that begins.
      sql: `with line as (
          select subscriptions.organization_id, subscriptions.external_id, line.subscription_id, line.invoice_id,
                 line.charges_from_datetime as starts, line.charges_to_datetime as ends
          from subscriptions
          join invoice_subscriptions line on line.organization_id = subscriptions.organization_id
            and line.subscription_id = subscriptions.id
          join invoices on invoices.id = line.invoice_id
          where (subscriptions.organization_id, subscriptions.external_id) in (
              select organization_id, external_id from subscriptions where started_at is not null
              group by organization_id, external_id having count(*) > 1)
            and line.invoicing_reason in ('subscription_periodic', 'subscription_terminating')
            and line.charges_from_datetime < line.charges_to_datetime and invoices.status not in ('voided', 'deleted'))
        select 'subscription ' || line.subscription_id as subject,
               format('invoice %s bills from %s, but invoice %s of subscription %s bills to %s',
                      line.invoice_id, line.starts, other.invoice_id, other.subscription_id, other.ends) as detail
        from line join line other on other.organization_id = line.organization_id
          and other.external_id = line.external_id
          and other.subscription_id <> line.subscription_id
          and (other.starts, other.subscription_id) < (line.starts, line.subscription_id) and line.starts < other.ends
        order by line.subscription_id, line.starts`,
    });
    await audit.find({
      holds: 'The last invoice of a subscription bills its usage until the end.',
      severity: 'error',
      advice: 'Look for events between the end of the window and the end of the subscription: nothing else bills them.',
      // A skipped last invoice bills nothing but the period that closed before.
      sql: `select 'subscription ' || subscriptions.id as subject,
                   format('ended on %s, but invoice %s bills to %s',
                          terminated_at, line.invoice_id, line.charges_to_datetime) as detail
            from subscriptions
            join invoice_subscriptions line on line.organization_id = subscriptions.organization_id
              and line.subscription_id = subscriptions.id and line.invoicing_reason = 'subscription_terminating'
            join invoices on invoices.id = line.invoice_id
            where subscriptions.status = 'terminated' and on_termination_invoice = 'generate'
              and line.charges_to_datetime < terminated_at and invoices.status <> 'deleted'
            order by subscriptions.id`,
    });
    await audit.find({
      holds: 'A window ends after it begins.',
      severity: 'error',
      advice: 'This is a defect: report the subscription with its plan and its dates.',
      sql: `select 'invoice ' || invoice_id as subject, format('subscription %s', subscription_id) as detail
            from invoice_subscriptions
            where from_datetime > to_datetime or charges_from_datetime > charges_to_datetime
               or fixed_charges_from_datetime > fixed_charges_to_datetime`,
    });
  },
};
