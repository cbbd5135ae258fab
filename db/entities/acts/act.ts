import { defineEntity, p, type InferEntity } from '@mikro-orm/postgresql';

export type ActState = 'wanted' | 'waiting' | 'working' | 'done' | 'failed';

/**
 * What the dispatcher does with a wanted act: start its workflow; tell the running one to look again, or start it
 * awake; or the same once its failed run has closed.
 */
export type ActVerb = 'start' | 'signal' | 'restart';

/**
 * Something durable that has to happen: the outbox, the agenda of a test clock and the watchdog's list in one. Written
 * with its cause, `done` with its effect (docs/architecture/acts.md).
 */
export const Act = defineEntity({
  name: 'Act',
  tableName: 'acts',
  properties: {
    /** The workflow's id. */
    id: p.text().primary(),
    organizationId: p.uuid(),
    kind: p.text(),
    verb: p.text().$type<ActVerb>().default('start'),
    state: p.text().$type<ActState>().default('wanted'),
    queue: p.text(),
    argument: p
      .json<Record<string, unknown>>()
      .onCreate(() => ({}))
      .defaultRaw(`'{}'`),
    /** The moment of the organization's clock at which it works; null: at once. */
    dueAt: p.datetime(3).nullable(),
    /** Its place among acts of the same moment. */
    rank: p.integer(),
    customerId: p.uuid().nullable(),
    subscriptionId: p.uuid().nullable(),
    invoiceId: p.uuid().nullable(),
    /**
     * Test clocks ignore it: they neither wait for it nor wake it (deliveries of webhooks).
     */
    runsInRealTime: p.boolean().default(false).fieldName('aside'),
    /** What an operator reads in the Temporal UI: ids and dates, never names. */
    summary: p.text(),
    /** Real time until which whoever starts it has it for himself. */
    leasedUntil: p.datetime(3).nullable(),
    error: p.text().nullable(),
    /** The act whose workflow has done it, where that was not its own. */
    doneBy: p.text().nullable(),
    /** The W3C trace context of its cause, while tracing is on (docs/operations.md, Tracing). */
    traceparent: p.text().nullable(),
    /** Real time of the last change of state. */
    changedAt: p.datetime(3),
    createdAt: p.datetime(3),
  },
  indexes: [
    {
      name: 'acts_wanted',
      expression: "create index acts_wanted on acts (leased_until) where state = 'wanted'",
    },
    {
      name: 'acts_open_by_due',
      expression: `create index acts_open_by_due on acts (due_at, organization_id)
         where state in ('wanted', 'waiting', 'working')`,
    },
    {
      name: 'acts_open_of_organization',
      expression: `create index acts_open_of_organization on acts (organization_id, due_at, rank)
         where state in ('wanted', 'waiting', 'working')`,
    },
    {
      name: 'acts_busy_of_organization',
      expression:
        "create index acts_busy_of_organization on acts (organization_id) where state in ('wanted', 'working')",
    },
    {
      name: 'acts_open_of_customer',
      expression: `create index acts_open_of_customer on acts (customer_id, due_at)
         where state in ('wanted', 'waiting', 'working')`,
    },
    { name: 'acts_newest', properties: ['organizationId', 'createdAt', 'id'] },
    {
      name: 'acts_of_subscription',
      expression: `create index acts_of_subscription on acts (organization_id, subscription_id)
         where subscription_id is not null`,
    },
    {
      name: 'acts_of_invoice',
      expression: 'create index acts_of_invoice on acts (organization_id, invoice_id) where invoice_id is not null',
    },
    {
      name: 'acts_not_done',
      expression: "create index acts_not_done on acts (kind, state) where state <> 'done'",
    },
    {
      name: 'acts_done',
      expression: "create index acts_done on acts (changed_at) where state = 'done'",
    },
  ],
});
export type Act = InferEntity<typeof Act>;
