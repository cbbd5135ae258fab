import { pino, type Logger } from 'pino';
import { currentLogFacts } from '../telemetry/log-facts.ts';
import { currentTraceIds } from '../telemetry/trace-context.ts';

/** What no line may show, wherever it is in what is logged. */
const SECRETS = [
  'authorization',
  'api_key',
  'apiKey',
  'adminKey',
  'secretKey',
  'secret',
  'password',
  'token',
  'databaseUrl',
  'connectionString',
  'DATABASE_URL',
  'DURABILL_ADMIN_KEY',
  'DURABILL_SECRET_KEY',
  'TEMPORAL_API_KEY',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * One JSON line an entry on standard output. Each says which request or workflow it is of and for which organization, and the
 * trace it belongs to.
 *
 * @param level pino's, `LOG_LEVEL`.
 */
export function processLog(role: string, level: string, stream: NodeJS.WritableStream = process.stdout): Logger {
  return pino(
    {
      base: { role },
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...currentLogFacts(), ...currentTraceIds() }),
      redact: { paths: SECRETS, censor: '[secret]' },
    },
    stream === process.stdout ? pino.destination({ dest: 1, sync: true }) : stream,
  );
}
