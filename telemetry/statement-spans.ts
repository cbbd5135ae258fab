import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';

const LIMIT = 60;

/** What a statement does, as a name that many statements share: `select invoices`. */
export function statementName(text: string): string {
  const words = text.replace(/--.*$/gm, ' ').replaceAll(/\s+/g, ' ').trim();
  // What a statement with parts is there for is the first of them that writes.
  const writes = /^with\b/i.test(words)
    ? /\b(insert into|(?<!for )update|delete from)\s.*/i.exec(words)?.[0]
    : undefined;
  if (writes !== undefined) return statementName(writes);
  const verb = /^[a-z]+/i.exec(words)?.[0].toLowerCase().replace('with', 'select') ?? 'sql';
  const table = /\b(?:from|into|update)\s+"?(?:public"?\."?)?([a-z_]+)"?/i.exec(words)?.[1];
  return (table === undefined ? verb : `${verb} ${table}`).slice(0, LIMIT);
}

/** A pool of connections, as `pg` has it. */
export interface StatementPool {
  on(event: 'connect', listener: (client: object) => void): unknown;
}

type Query = (...parameters: unknown[]) => unknown;

/**
 * Gives every statement that is sent as part of a traced request or activity a span of its own, named after what it
 * does; never its parameters. Those of nobody (the dispatcher's looks, every quarter of a second) get none. Call it
 * before the pool's first connection.
 */
export function traceStatements(pool: StatementPool): void {
  const tracer = trace.getTracer('durabill-sql');
  pool.on('connect', (client) => {
    const send = (client as { readonly query: Query }).query.bind(client);
    const query: Query = (...parameters) => {
      const text = textOf(parameters[0]);
      if (text === undefined || trace.getSpan(context.active()) === undefined) return send(...parameters);
      const attributes = { 'db.system.name': 'postgresql' };
      const span = tracer.startSpan(statementName(text), { kind: SpanKind.CLIENT, attributes });
      const end = (error?: unknown): void => {
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
        span.end();
      };
      const result = send(...parameters);
      if (result instanceof Promise) result.then(() => end(), end);
      else end();
      return result;
    };
    Object.assign(client, { query });
  });
}

function textOf(statement: unknown): string | undefined {
  if (typeof statement === 'string') return statement;
  const { text } = (statement ?? {}) as { readonly text?: unknown };
  return typeof text === 'string' ? text : undefined;
}

/** PostgreSQL's code: its message may hold what a customer sent. */
const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'error';
};
