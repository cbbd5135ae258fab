import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * What this process counts about itself. Labels are few and known beforehand (kinds, route templates, statuses), never
 * ids: a figure must not grow with the customers.
 */
export const registry = new Registry();

const registers = [registry];

/** Memory, CPU, event loop and garbage collection of this process. Once for a process. */
export function countProcess(): void {
  collectDefaultMetrics({ register: registry });
}

export const requestsTotal = new Counter({
  name: 'durabill_http_requests_total',
  help: 'Requests that were answered, by route template; "none" is a path that nothing is at.',
  labelNames: ['method', 'route', 'status'],
  registers,
});

export const requestSeconds = new Histogram({
  name: 'durabill_http_request_duration_seconds',
  help: 'From the first byte of a request to the last of its answer.',
  labelNames: ['method', 'route'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers,
});

export const requestsInFlight = new Gauge({
  name: 'durabill_http_requests_in_flight',
  help: 'Requests that are being answered.',
  registers,
});

export const actStartsTotal = new Counter({
  name: 'durabill_act_starts_total',
  help: 'Workflows that this process has started or woken for acts, and tries that failed and are made again.',
  labelNames: ['kind', 'outcome'],
  registers,
});

export const healedActsTotal = new Counter({
  name: 'durabill_watchdog_healed_acts_total',
  help: 'Overdue acts that the watchdog found in this process and had told again. In a healthy system: none.',
  registers,
});

export const viesTriesTotal = new Counter({
  name: 'durabill_vies_tries_total',
  help: 'What VIES answered this process about VAT numbers: valid, invalid, or why there was no answer.',
  labelNames: ['result'],
  registers,
});

/** The connections of a pool, read when the page is. */
export interface ConnectionPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

const pools = new Map<string, { readonly pool: ConnectionPool; readonly maximum: number }>();

/** Reads a pool whenever the page is made. */
export function countPool(name: string, pool: ConnectionPool, maximum: number): void {
  pools.set(name, { pool, maximum });
}

export const poolConnections = new Gauge({
  name: 'durabill_database_pool_connections',
  help: 'Connections of this process to PostgreSQL; "waiting" is work that waits for one.',
  labelNames: ['pool', 'state'],
  registers,
  collect() {
    for (const [name, { pool, maximum }] of pools) {
      this.set({ pool: name, state: 'idle' }, pool.idleCount);
      this.set({ pool: name, state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ pool: name, state: 'waiting' }, pool.waitingCount);
      this.set({ pool: name, state: 'maximum' }, maximum);
    }
  },
});
