import { Router, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { OperationFigures } from '../../db/queries/operations/operation-figures.ts';
import { registry } from '../../telemetry/figures.ts';
import { monotonicMs } from '../http/clock.ts';
import { showOperationFigures } from './operation-metrics.ts';
import { otherMethods } from '../http/other-methods.ts';
import type { QueueWatch } from './queue-watch.ts';
import { version } from '../../telemetry/version.ts';

/** What an operator's tools ask of a process; none of it needs a key, and none of it says anything about a customer. */
export interface OperationsDependencies {
  readonly log: Logger;
  /** Asks the database for a sign of life. */
  readonly pingDatabase: () => Promise<unknown>;
  /** False once the server is shutting down. */
  readonly isReady: () => boolean;
  readonly figures: { readonly read: (nowMs: number) => Promise<OperationFigures> } | undefined;
  /** Whether `/metrics` is there. */
  readonly metrics: boolean;
  /** Temporal is the dev server that `npm start` runs. */
  readonly embeddedTemporal: boolean;
  /** What keeps files from being read here; null: nothing. */
  readonly filesProblem: () => Promise<string | null>;
  /** Absent: nobody asks Temporal. */
  readonly queueWatch: QueueWatch | undefined;
}

/** How long the database may take for a sign of life. */
const ANSWER_LIMIT_MS = 2000;

/** What the embedded Temporal server is good for (docs/operations.md, Limits). */
const EMBEDDED_SUBSCRIPTIONS_MAX = 20_000;

export function operationsRouter(dependencies: OperationsDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/health', health(dependencies));
  router.get('/ready', ready(dependencies));
  if (dependencies.metrics) router.get('/metrics', metrics(dependencies));
  router.all(['/health', '/ready', ...(dependencies.metrics ? ['/metrics'] : [])], otherMethods(['get']));
  return router;
}

/** As Lago answers it; a load balancer asks `/ready`. */
const health =
  ({ pingDatabase }: OperationsDependencies): RequestHandler =>
  async (_request, response) => {
    const facts = { version, github_url: null };
    try {
      await inTime(pingDatabase());
      response.json({ ...facts, message: 'Success' });
    } catch {
      response.status(500).json({ ...facts, message: 'Unhealthy', details: 'the database does not answer' });
    }
  };

const ready = (dependencies: OperationsDependencies): RequestHandler => {
  let warned = false;
  return async (_request, response) => {
    if (!dependencies.isReady()) {
      response.status(503).json({ status: 'shutting down' });
      return;
    }
    try {
      await inTime(dependencies.pingDatabase());
    } catch {
      response.status(503).json({ status: 'the database does not answer' });
      return;
    }
    const both = await Promise.all([
      figureWarnings(dependencies),
      dependencies.queueWatch?.warnings(monotonicMs()) ?? [],
      filesWarning(dependencies),
    ]);
    const warnings = both.flat();
    if (warnings.length > 0 && !warned) dependencies.log.warn({ warnings }, 'ready, with warnings');
    warned = warnings.length > 0;
    response.json({ status: 'ok', ...(warnings.length > 0 && { warnings }) });
  };
};

async function filesWarning({ filesProblem }: OperationsDependencies): Promise<string[]> {
  const problem = await inTime(filesProblem()).catch(() => 'the store of files does not answer (DURABILL_FILES).');
  return problem === null ? [] : [problem];
}

/** What the figures tell an operator to look at; without them, nothing. */
async function figureWarnings({ embeddedTemporal, figures }: OperationsDependencies): Promise<string[]> {
  const read = await figures?.read(monotonicMs()).catch(() => null);
  if (!read) return [];
  return [...(embeddedTemporal ? sizeWarnings(read) : []), ...taxWarnings(read)];
}

const SECONDS_PER_HOUR = 3600;

/** Shorter, a check is on its way. */
const AWAITED_SECONDS_MAX = SECONDS_PER_HOUR;

function taxWarnings({ awaitingTaxes: { count, forVies, oldestSeconds } }: OperationFigures): string[] {
  if (oldestSeconds < AWAITED_SECONDS_MAX) return [];
  const wait = count === 1 ? '1 invoice waits for its taxes' : `${count} invoices wait for their taxes`;
  const hours = Math.floor(oldestSeconds / SECONDS_PER_HOUR);
  const reasons = [
    ...(forVies > 0 ? [`${forVies} for VIES (durabill_vies_tries_total says how it answers)`] : []),
    ...(forVies < count ? [`${count - forVies} for an act of its own (GET /api/v1/workflows?kind=taxInvoice)`] : []),
  ];
  return [`${wait}, the oldest for ${hours} ${hours === 1 ? 'hour' : 'hours'}: ${reasons.join(', ')}.`];
}

function sizeWarnings({ activeSubscriptions }: OperationFigures): string[] {
  if (activeSubscriptions <= EMBEDDED_SUBSCRIPTIONS_MAX) return [];
  return [
    `${activeSubscriptions} active subscriptions are more than the embedded Temporal server is good for ` +
      `(${EMBEDDED_SUBSCRIPTIONS_MAX}): set TEMPORAL_ADDRESS to a cluster.`,
  ];
}

const metrics =
  ({ figures, log }: OperationsDependencies): RequestHandler =>
  async (_request, response) => {
    const read = figures
      ? await figures.read(monotonicMs()).catch((error: unknown) => {
          log.warn({ err: error }, 'the figures of the database could not be read; the others are shown without them');
          return null;
        })
      : null;
    showOperationFigures(read);
    response.type(registry.contentType).send(await registry.metrics());
  };

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const limit = setTimeout(() => reject(new Error('out of time')), ANSWER_LIMIT_MS);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(limit);
  }
}
