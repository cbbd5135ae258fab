import { Pool } from 'pg';

export interface AwaitingTaxes {
  readonly count: number;
  /** How many of them wait for VIES; the others for their own act, which may ask a tax provider. */
  readonly forVies: number;
  readonly oldestSeconds: number;
}

/** What an operator watches of the whole installation, read from the tables that everything durable follows from. */
export interface OperationFigures {
  /** Acts that are not done, by kind and state. */
  readonly acts: readonly { readonly kind: string; readonly state: string; readonly count: number }[];
  /** Acts that should be started by now. */
  readonly queued: number;
  /** How long the oldest of them has waited, in seconds; 0: none waits. */
  readonly oldestQueuedSeconds: number;
  /** Acts of live organizations whose moment passed more than two minutes ago. */
  readonly overdue: number;
  /** Invoices that have ever got a number. */
  readonly numberedInvoices: number;
  /** Invoices that are neither final nor closed, by status. */
  readonly openInvoices: readonly { readonly status: string; readonly count: number }[];
  readonly activeSubscriptions: number;
  /**
   * Invoices, drafts among them, that wait for their taxes, and how long the oldest has, in seconds by its
   * organization's clock: a draft that is older than the check of its customer since that began.
   */
  readonly awaitingTaxes: AwaitingTaxes;
  /** Checks of VAT numbers that VIES has not answered. */
  readonly pendingViesChecks: number;
}

/** The time that all of it may take; a page of metrics that makes the database slow would be worse than none. */
const STATEMENT_LIMIT_MS = 2000;
const CONNECT_LIMIT_MS = 2000;
/** Asked more often than this, the last answer is given again. */
const FRESH_FOR_MS = 5000;

/** What is due far ahead is started in its time (`leaseWantedActs`), so it does not count as waiting. */
const FIGURES = `
  select
    (select coalesce(json_agg(act), '[]') from (
       select kind, state, count(*)::int as count from acts where state <> 'done' group by kind, state) act) as acts,
    (select json_build_object(
              'count', count(*)::int,
              'oldest', coalesce(extract(epoch from clock_timestamp() - min(acts.changed_at)), 0)::float)
     from acts join organizations on organizations.id = acts.organization_id
     where acts.state = 'wanted'
       and (acts.due_at is null or acts.aside or acts.due_at <= coalesce(organizations.clock_now, clock_timestamp()))
    ) as queue,
    (select count(*)::int from acts join organizations on organizations.id = acts.organization_id
     where acts.state in ('wanted', 'waiting', 'working') and organizations.clock_now is null
       and acts.due_at < clock_timestamp() - interval '2 minutes') as overdue,
    (select coalesce(sum(sequence), 0)::float from invoice_sequences) as "numberedInvoices",
    (select coalesce(json_agg(invoice), '[]') from (
       select status, count(*)::int as count from invoices
       where status in ('draft', 'generating', 'failed', 'pending') group by status) invoice) as "openInvoices",
    (select count(*)::int from subscriptions where status = 'active') as "activeSubscriptions",
    (select json_build_object(
              'count', count(*)::int,
              'forVies', count(checks.id)::int,
              'oldestSeconds', coalesce(max(extract(epoch from greatest(
                coalesce(organizations.clock_now, clock_timestamp())
                  - greatest(invoices.created_at, checks.created_at), interval '0'))), 0)::float)
     from invoices join organizations on organizations.id = invoices.organization_id
       left join vies_checks checks on checks.customer_id = invoices.customer_id and checks.answered_at is null
     where invoices.status in ('draft', 'pending') and invoices.tax_status = 'pending') as "awaitingTaxes",
    (select count(*)::int from vies_checks where answered_at is null) as "pendingViesChecks"`;

interface Row {
  readonly acts: OperationFigures['acts'];
  readonly queue: { readonly count: number; readonly oldest: number };
  readonly overdue: number;
  readonly numberedInvoices: number;
  readonly openInvoices: OperationFigures['openInvoices'];
  readonly activeSubscriptions: number;
  readonly awaitingTaxes: OperationFigures['awaitingTaxes'];
  readonly pendingViesChecks: number;
}

export interface OperationFiguresReader {
  /** @param nowMs a clock that only goes forward. @throws what PostgreSQL says, or that it takes too long. */
  readonly read: (nowMs: number) => Promise<OperationFigures>;
  readonly close: () => Promise<void>;
}

/** Reads over a connection of its own, so that it answers when all others are taken: that is when somebody looks. */
export function readOperationFigures(databaseUrl: string): OperationFiguresReader {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'durabill metrics',
    max: 1,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: STATEMENT_LIMIT_MS + 500,
    statement_timeout: STATEMENT_LIMIT_MS,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
  });
  // A connection that is cut while nobody uses it is made again by the next one who asks.
  pool.on('error', () => undefined);
  let last: { readonly atMs: number; readonly figures: Promise<OperationFigures> } | undefined;
  const ask = async (): Promise<OperationFigures> => {
    const { rows } = await pool.query<Row>(FIGURES);
    const { queue, ...figures } = rows[0]!;
    return { ...figures, queued: queue.count, oldestQueuedSeconds: queue.oldest };
  };
  return {
    read: (nowMs) => {
      if (!last || nowMs - last.atMs > FRESH_FOR_MS) last = { atMs: nowMs, figures: ask() };
      return last.figures;
    },
    close: () => pool.end(),
  };
}
