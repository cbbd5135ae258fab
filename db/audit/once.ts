import { countOf, type Check } from './check.ts';

const ADVICE =
  'The customer was billed twice: void one of the invoices, with a credit note if it was paid, and report how it ' +
  'came about.';

/** Each period is billed once (spec, subscriptions-and-invoices 4.3). */
export const once: Check = {
  name: 'once',
  title: 'Each period is billed once',
  run: async (audit) => {
    audit.examined(await countOf(audit, 'from billing_claims'), 'claimed periods');
    const rule = { severity: 'error', advice: ADVICE } as const;
    await audit.find({
      ...rule,
      holds: 'A due moment of a subscription is on one invoice.',
      sql: `select 'subscription ' || line.subscription_id as subject,
                   format('due %s is on the invoices %s',
                          line.timestamp, string_agg(line.invoice_id::text, ', ')) as detail
            from invoice_subscriptions line join invoices on invoices.id = line.invoice_id
            where line.recurring and invoices.status not in ('voided', 'deleted')
            group by line.subscription_id, line.timestamp having count(*) > 1`,
    });
    await audit.find({
      ...rule,
      holds: 'A window has one subscription fee.',
      sql: `select 'subscription ' || fees.subscription_id as subject,
                   format('%s to %s is paid for on the invoices %s', fees.from_datetime, fees.to_datetime,
                          string_agg(fees.invoice_id::text, ', ')) as detail
            from fees join invoices on invoices.id = fees.invoice_id
            where fees.fee_type = 'subscription' and invoices.status not in ('voided', 'deleted')
              and fees.from_datetime < fees.to_datetime
            group by fees.subscription_id, fees.from_datetime, fees.to_datetime having count(*) > 1`,
    });
    await audit.find({
      ...rule,
      holds: 'A periodic invoice has a claim on what it bills.',
      advice: 'A second run would bill this period again: report it, and do not delete any row.',
      // A voided invoice that was made again leaves its claim to neither.
      sql: `select 'invoice ' || line.invoice_id as subject,
                   format('subscription %s, due %s', line.subscription_id, line.timestamp) as detail
            from invoice_subscriptions line join invoices on invoices.id = line.invoice_id
            where line.recurring and line.invoicing_reason = 'subscription_periodic'
              and invoices.status not in ('voided', 'deleted', 'generating')
              and not exists (select 1 from billing_claims claim
                              where claim.subscription_id = line.subscription_id and claim.invoice_id = line.invoice_id)
              and not exists (select 1 from invoice_subscriptions former
                              join invoices voided on voided.id = former.invoice_id and voided.status = 'voided'
                              where former.subscription_id = line.subscription_id
                                and former.timestamp = line.timestamp)`,
    });
  },
};
