import { Client } from 'pg';
import type { Audit, AuditOptions, BrokenRule, Check, Finding, Rule } from './check.ts';

/** Findings of one rule that are shown; all are counted. */
const SHOWN = 20;

/** A statement that takes longer is given up, and with it the audit: it could not run. */
const STATEMENT_LIMIT = '30min';
const CONNECT_LIMIT_MS = 10_000;

export interface CheckResult {
  readonly name: string;
  readonly title: string;
  /** What was looked at, such as `1200 invoices`. */
  readonly examined: string;
  readonly broken: readonly BrokenRule[];
}

export interface OpenAudit {
  readonly run: (check: Check, progress: (text: string) => void) => Promise<CheckResult>;
  readonly close: () => Promise<void>;
}

/**
 * Opens the database for an audit: one transaction that only reads and sees one moment, so that what is written
 * meanwhile looks neither doubled nor lost. Each rule is a statement whose work PostgreSQL does: the audit's own memory
 * does not grow with the rows.
 */
export async function openAudit(databaseUrl: string, options: AuditOptions): Promise<OpenAudit> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'durabill audit',
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  });
  // The statement that runs tells of it.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin transaction isolation level repeatable read read only');
  await client.query(`set local statement_timeout = '${STATEMENT_LIMIT}'`);
  await client.query(`set local time zone 'UTC'`);
  const rows = async <Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(sql, [...parameters])).rows;
  return {
    run: async (check, progress) => {
      const broken = new Map<string, BrokenRule>();
      let examined = '';
      const audit: Audit = {
        rows,
        find: async (rule) => keep(broken, rule, await findingsOf(rows, rule)),
        examined: (count, what) => {
          examined = `${count} ${what}`;
        },
        progress,
        options,
      };
      await check.run(audit);
      return { name: check.name, title: check.title, examined, broken: [...broken.values()] };
    },
    close: () => client.end(),
  };
}

type FoundRow = Finding & { readonly total: string };

function findingsOf(
  rows: <Row extends object>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>,
  { sql, parameters }: Rule,
): Promise<FoundRow[]> {
  return rows<FoundRow>(
    `select subject, detail, (count(*) over ())::text as total from (${sql}) finding limit ${SHOWN}`,
    parameters,
  );
}

/** A rule may be asked page by page. */
function keep(broken: Map<string, BrokenRule>, rule: Rule, found: readonly FoundRow[]): void {
  const [first] = found;
  if (!first) return;
  const before = broken.get(rule.holds);
  const findings = found.map(({ subject, detail }) => ({ subject, detail }));
  broken.set(rule.holds, {
    holds: rule.holds,
    severity: rule.severity,
    advice: rule.advice,
    count: (before?.count ?? 0) + Number(first.total),
    findings: [...(before?.findings ?? []), ...findings].slice(0, SHOWN),
  });
}
