import { countOf, type Check } from './check.ts';

/** Padded to three digits; longer numbers grow. */
const padded = (column: string): string => `lpad(${column}::text, greatest(3, length(${column}::text)), '0')`;

const ADVICE =
  'Numbers are legal documents: find out where the missing or doubled one went (a restored backup, a hand-made ' +
  'change) before anything else is finalized.';

/** Invoice numbers run without holes and repeats (spec, subscriptions-and-invoices 6.5). */
export const numbers: Check = {
  name: 'numbers',
  title: 'Invoice numbers run without holes',
  run: async (audit) => {
    audit.examined(await countOf(audit, 'from invoices where sequential_id is not null'), 'numbers');
    const rule = { severity: 'error', advice: ADVICE } as const;
    await audit.find({
      ...rule,
      holds: 'What is finalized or voided has a number, and nothing else has.',
      sql: `select 'invoice ' || id as subject,
                   format('%s, sequential_id %s, number %s', status, sequential_id, number) as detail
            from invoices where (status in ('finalized', 'voided')) <> (sequential_id is not null)
              or (status in ('finalized', 'voided') and (number = '' or number like '%-DRAFT'))`,
    });
    await audit.find({
      ...rule,
      // Two billing entities of one organization have two prefixes (spec, decisions).
      holds: 'An organization gives a number once.',
      sql: `select 'organization ' || organization_id as subject,
                   format('number %s is on the invoices %s', number, string_agg(id::text, ', ' order by id)) as detail
            from invoices where sequential_id is not null
            group by organization_id, number having count(*) > 1 order by organization_id, number`,
    });
    await audit.find({
      ...rule,
      holds: 'The sequence of a customer and billing entity begins with 1 and has neither holes nor repeats.',
      sql: `select 'customer ' || customer_id as subject,
                   format('%s numbers of billing entity %s, %s different, from %s to %s', count(*), billing_entity_id,
                          count(distinct sequential_id), min(sequential_id), max(sequential_id)) as detail
            from invoices where sequential_id is not null
            group by customer_id, billing_entity_id
            having min(sequential_id) <> 1 or max(sequential_id) <> count(*)
              or count(distinct sequential_id) <> count(*)`,
    });
    await audit.find({
      ...rule,
      holds: 'The counter of a customer and billing entity stands at the last number given out.',
      sql: `select 'customer ' || coalesce(given.customer_id, counter.customer_id) as subject,
                   format('the counter stands at %s, the last number is %s', counter.sequence, given.last) as detail
            from (select customer_id, billing_entity_id, max(sequential_id) as last from invoices
                  where sequential_id is not null group by customer_id, billing_entity_id) given
            full join invoice_sequences counter
              on counter.customer_id = given.customer_id and counter.billing_entity_id = given.billing_entity_id
            where counter.sequence is distinct from given.last`,
    });
    await audit.find({
      ...rule,
      // A billing entity that numbered per customer for a while goes on with the count of all: that hole is meant.
      holds: 'The sequence of a billing entity has no holes while it is in use.',
      sql: `with numbered as (
              select billing_entity_id, id, entity_sequential_id, finalized_at,
                     lag(entity_sequential_id) over sequence as former, lag(finalized_at) over sequence as former_at
              from invoices where entity_sequential_id is not null
              window sequence as (partition by billing_entity_id order by entity_sequential_id))
            select 'invoice ' || id as subject,
                   format('billing entity %s: %s follows %s', billing_entity_id, entity_sequential_id, former) as detail
            from numbered
            where entity_sequential_id <> former + 1
              and not exists (select 1 from invoices other
                              where other.billing_entity_id = numbered.billing_entity_id
                                and other.sequential_id is not null
                                and other.entity_sequential_id is null and not other.self_billed
                                and other.finalized_at between numbered.former_at and numbered.finalized_at)`,
    });
    await audit.find({
      ...rule,
      holds: 'The text of a number says its sequence.',
      sql: `select 'invoice ' || invoices.id as subject,
                   format('number %s, customer %s, sequence %s, sequence of the entity %s',
                          number, customers.sequential_id, invoices.sequential_id, entity_sequential_id) as detail
            from invoices join customers on customers.id = invoices.customer_id
            cross join lateral (
              select '-' || ${padded('customers.sequential_id')} || '-' || ${padded('invoices.sequential_id')}
                as per_customer) suffix
            where invoices.sequential_id is not null
              and case when entity_sequential_id is null
                    then right(number, length(suffix.per_customer)) <> suffix.per_customer
                    else number !~ ('-[0-9]{6}-' || ${padded('entity_sequential_id')} || '$') end`,
    });
  },
};
