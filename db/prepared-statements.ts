/** A pool of connections, as `pg` has it. */
interface ConnectingPool {
  on(event: 'connect', listener: (client: object) => void): unknown;
}

/**
 * Ends the text of a statement that has as many forms as there are requests, a list with its filters above all: such a
 * statement is sent as it is, and leaves the places of prepared ones to those that come back.
 */
export const HAS_MANY_FORMS = '/* has many forms */';

type Query = (...parameters: unknown[]) => unknown;

/** Statements that a process prepares at most; whatever comes after them is sent as it is. */
const STATEMENTS_MAX = 500;

/**
 * Has each connection prepare the statements that are sent with parameters, once: PostgreSQL then plans them once and
 * not at each call, which was half of its work for a billing transaction. The ORM's own statements carry their values
 * in their text and stay as they are. A connection pooler between must know prepared statements (PgBouncer does since
 * 1.21).
 *
 * Call it before the pool's first connection.
 */
export function prepareStatements(pool: ConnectingPool): void {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= STATEMENTS_MAX) return known;
    const name = `durabill_${names.size}`;
    names.set(text, name);
    return name;
  };
  pool.on('connect', (client) => {
    const send = (client as { readonly query: Query }).query.bind(client);
    const query: Query = (text, values, ...rest) => {
      const isParametrized = typeof text === 'string' && Array.isArray(values) && values.length > 0;
      const name = isParametrized && !text.endsWith(HAS_MANY_FORMS) ? nameOf(text) : undefined;
      return name === undefined ? send(text, values, ...rest) : send({ name, text, values }, ...rest);
    };
    Object.assign(client, { query });
  });
}
