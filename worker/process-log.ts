import { pino, type Logger } from 'pino';

/** One JSON line an entry on standard output; `DURABILL_LOG_LEVEL` is pino's. */
export function processLog(role: string): Logger {
  return pino({ base: { role }, level: process.env['DURABILL_LOG_LEVEL'] ?? 'info' });
}
