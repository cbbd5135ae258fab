import type { Audit, Check } from './check.ts';

interface Reference {
  readonly table: string;
  readonly column: string;
  readonly target: string;
}

/** A name as SQL has it. The names come from the catalogue. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Names in a column that say which of several rows of a table is meant. */
const ROLES = /^(previous|parent|original|voided|regenerated|source)_/;

/**
 * Every column that names a row of another table, found by its name in the catalogue: `customer_id` names a row of
 * `customers`. So a table that is new is looked at without being listed here.
 */
async function references(audit: Audit): Promise<readonly Reference[]> {
  const columns = await audit.rows<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns
     where table_schema = current_schema() and data_type = 'uuid'
       and table_name in (select table_name from information_schema.columns
                          where table_schema = current_schema() and column_name = 'organization_id')
     order by table_name, column_name`,
  );
  const ids = new Set(columns.filter(({ column }) => column === 'id').map(({ table }) => table));
  return columns.flatMap(({ table, column }) => {
    if (!column.endsWith('_id') || column === 'organization_id') return [];
    const noun = column.replace(/_id$/, '').replace(ROLES, '');
    const target = noun === 'parent' ? table : [`${noun}s`, noun.replace(/y$/, 'ies')].find((name) => ids.has(name));
    return target === undefined ? [] : [{ table, column, target }];
  });
}

const ADVICE = 'One customer may see what is another one’s: find out how it came about at once, and report it.';

/** No row points into another organization, and what belongs together belongs to the same customer. */
export const tenancy: Check = {
  name: 'tenancy',
  title: 'Nothing crosses organizations',
  run: async (audit) => {
    const all = await references(audit);
    audit.examined(all.length, 'kinds of references');
    for (const [done, { table, column, target }] of all.entries()) {
      audit.progress(`${done} of ${all.length} kinds of references`);
      await audit.find({
        holds: `${table}.${column} names a row of the same organization.`,
        severity: 'error',
        advice: ADVICE,
        sql: `select format('row of ${table} with ${column} %s', source.${quoted(column)}) as subject,
                     format('organization %s, but that row is of %s',
                            source.organization_id, target.organization_id) as detail
              from ${quoted(table)} source join ${quoted(target)} target on target.id = source.${quoted(column)}
              where target.organization_id <> source.organization_id`,
      });
    }
    for (const column of ['organization_id', 'customer_id', 'billing_entity_id']) {
      await audit.find({
        holds: `A fee has the ${column} of its invoice.`,
        severity: 'error',
        advice: ADVICE,
        sql: `select 'fee ' || fees.id as subject,
                     format('%s, but invoice %s has %s', fees.${column}, invoices.id, invoices.${column}) as detail
              from fees join invoices on invoices.id = fees.invoice_id where fees.${column} <> invoices.${column}`,
      });
    }
    await audit.find({
      holds: 'An invoice bills subscriptions of its own customer only.',
      severity: 'error',
      advice: ADVICE,
      sql: `select 'invoice ' || invoices.id as subject,
                   format('subscription %s is of customer %s', subscriptions.id, subscriptions.customer_id) as detail
            from invoice_subscriptions line join invoices on invoices.id = line.invoice_id
            join subscriptions on subscriptions.id = line.subscription_id
            where subscriptions.customer_id <> invoices.customer_id`,
    });
  },
};
