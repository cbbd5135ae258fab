/**
 * The server is away, starting, stopping, out of a resource or of disk space, cannot read or write its files, or a
 * standby.
 */
const AWAY = /^(08\w{3}|25006|53\w{3}|57P0\d|58\w{3})$/;
const AWAY_IN_NODE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN']);
/** Of the driver and of the server's first message, which carry no code. */
const AWAY_TEXT = new RegExp(
  [
    'Connection terminated',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'connection error and is not queryable',
    'the database system is',
  ].join('|'),
);

const DEPTH_MAX = 8;

/**
 * The codes of PostgreSQL and Node along an error's chain of causes; `ECONNRESET` for a cut connection that has none.
 */
export function* errorCodes(error: unknown, depth = 0): Generator<string> {
  if (!(error instanceof Error) || depth >= DEPTH_MAX) return;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string') yield code;
  if (error instanceof AggregateError) for (const inner of error.errors) yield* errorCodes(inner, depth + 1);
  if (AWAY_TEXT.test(error.message)) yield 'ECONNRESET';
  yield* errorCodes(error.cause, depth + 1);
}

export const hasCode = (error: unknown, wanted: string): boolean => errorCodes(error).some((code) => code === wanted);

/**
 * Whether a code says that the database cannot be used now, but may be later, without anybody changing the statement.
 */
export const isAwayCode = (code: string): boolean => AWAY.test(code) || AWAY_IN_NODE.has(code);
