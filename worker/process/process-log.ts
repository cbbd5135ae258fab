import { pino, type DestinationStream, type Logger } from 'pino';
import { currentLogFacts } from '../../telemetry/log-facts.ts';
import { currentTraceIds } from '../../telemetry/trace-context.ts';

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
 * One JSON line an entry on standard output. Each says which request or workflow it is of and for which organization,
 * and the trace it belongs to.
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
    stream === process.stdout ? standardOutput() : stream,
  );
}

/** Lines that cannot be written, on a full disk for example, wait here up to this size; more are dropped. */
const WAITING_BYTES_MAX = 1_000_000;

/** Work goes on without its log: an error of it must reach nobody. */
function standardOutput(): DestinationStream {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const destination = pino.destination({ dest: 1, sync: true, maxLength: WAITING_BYTES_MAX });
  destination.on('error', () => undefined);
  return destination;
}
