import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { featureUnavailable, notFound, unauthorized } from '../../billing/refusal.ts';
import type { BillingTiming } from '../../activities/billing-timing.ts';
import { noFault, type FaultPoint } from '../../activities/fault-point.ts';
import type { AllowedNetworks } from '../../activities/webhooks/allowed-networks.ts';
import type { FileStore } from '../../activities/files/file-store.ts';
import { fileStoreProblem } from '../../activities/files/shared-store.ts';
import type { SignedLinks } from '../../activities/files/signed-links.ts';
import type { JoinAct } from '../../activities/acts/join-act.ts';
import type { ActToStart } from '../../db/acts/act.ts';
import { eventIntake, type EventIntake } from '../../activities/usage/event-intake.ts';
import type { WebhookKeys } from '../../activities/webhooks/webhook-keys.ts';
import type { OperationFigures } from '../../db/queries/operations/operation-figures.ts';
import { scopedTo } from '../../db/orm.ts';
import { pingDatabase } from '../../db/postgres-server.ts';
import { datetime } from '../../shapes/formats.ts';
import type { SessionLocks } from '../../db/session-locks.ts';
import { addLogFacts } from '../../telemetry/log-facts.ts';
import { SIGNED_PATH, signedDownload } from '../data-exports/signed-download.ts';
import { adminPaths, adminRouter } from '../admin/routes.ts';
import { authenticate, authorize, isAdmin, type Caller } from './authentication.ts';
import { insideRoot, isStorable, readBody } from './body.ts';
import { nowOf, realTime } from './clock.ts';
import { docsRouter } from '../document/docs.ts';
import { errorHandler } from './errors.ts';
import { answerRequest } from '../idempotency/answer-request.ts';
import type { Answer } from '../../activities/idempotency/keyed-request.ts';
import { sendAnswer } from '../idempotency/send-answer.ts';
import { observedRequest } from './observed-request.ts';
import { openApiDocument } from '../document/openapi.ts';
import { otherMethods, serverOptions } from './other-methods.ts';
import { sendStoredFile, StoredFile } from './stored-file.ts';
import { noteArrival } from './overlapping-requests.ts';
import { operationsRouter } from '../operations/operations.ts';
import type { QueueWatch } from '../operations/queue-watch.ts';
import { parseQuery } from './query.ts';
import type { RequestContext } from './request-context.ts';
import { refuseHostless, refuseUnreadableTarget } from './request-target.ts';
import type { Method, Route } from './route.ts';
import { routes } from '../routes.ts';
import { unbuiltRoutes, type UnbuiltRoute } from '../document/unbuilt-routes.ts';
import { parse } from './validation.ts';
import { welcomeRouter } from '../document/welcome.ts';

export interface AppDependencies {
  readonly orm: MikroORM;
  readonly log: Logger;
  readonly adminKey: string;
  readonly timing: BillingTiming;
  readonly webhookKeys: WebhookKeys;
  /** For keyed requests that await a workflow. */
  readonly locks: SessionLocks;
  /** Where the workers keep files. */
  readonly files: FileStore;
  /** Links to them. */
  readonly links: SignedLinks;
  /** Where webhooks may go beside the public internet. */
  readonly allowedNetworks: AllowedNetworks;
  /** Where an operator looks at a workflow. */
  readonly workflowUrl: (workflowId: string) => string;
  /** Counts the requests that are open; absent: nobody asks. */
  readonly countRequest?: RequestHandler;
  /** Starts acts behind the answer; never throws. */
  readonly start: (acts: readonly ActToStart[]) => void;
  /** Awaits the workflow of an act; absent: there is none, and what it does is done here. */
  readonly join?: JoinAct;
  /** False once the server is shutting down. */
  readonly isReady: () => boolean;
  /** Checks each answer against its schema: for tests. */
  readonly checkAnswers: boolean;
  /** Where the fault tests kill the process. */
  readonly fault?: FaultPoint;
  /** What the database says of the whole installation; absent: nobody asks. */
  readonly figures?: { readonly read: (nowMs: number) => Promise<OperationFigures> };
  /** Whether `/metrics` is there. */
  readonly metrics?: boolean;
  /** Temporal is the dev server that `npm start` runs. */
  readonly embeddedTemporal?: boolean;
  /** What Temporal says of the task queues; absent: nobody asks. */
  readonly queueWatch?: QueueWatch;
}

const BASE = '/api/v1';

/** The HTTP server's request handling; it listens in `api/start-api.ts`. */
export function makeApp(dependencies: AppDependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // A proxy in front that keeps `/metrics` and `/admin` to itself knows one spelling of them.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.use(observedRequest(dependencies.log));
  app.use(refuseUnreadableTarget);
  app.use(serverOptions);
  app.use(noteArrival());
  app.use(
    operationsRouter({
      log: dependencies.log,
      pingDatabase: () => pingDatabase(dependencies.orm),
      isReady: dependencies.isReady,
      filesProblem: () => fileStoreProblem(dependencies.orm.em.fork(), dependencies.files),
      figures: dependencies.figures,
      metrics: dependencies.metrics ?? false,
      embeddedTemporal: dependencies.embeddedTemporal ?? false,
      queueWatch: dependencies.queueWatch,
    }),
  );
  app.use(refuseHostless);
  // Behind what machines ask every few seconds.
  if (dependencies.countRequest) app.use(dependencies.countRequest);
  const document = openApiDocument(routes, unbuiltRoutes, adminPaths);
  app.get('/openapi.json', (_request, response) => void response.json(document));
  app.all('/openapi.json', otherMethods(['get']));
  app.use('/docs', docsRouter());
  app.use(welcomeRouter());
  app.get(SIGNED_PATH, signedDownload(dependencies));
  app.all(SIGNED_PATH, otherMethods(['get']));
  app.use('/admin', requireAdmin(dependencies.adminKey), adminRouter(dependencies));
  const intake = eventIntake(dependencies.orm);
  for (const route of routes) app[route.method](BASE + route.path, handlerOf(route, dependencies, intake));
  for (const route of unbuiltRoutes) app[route.method](BASE + route.path, refusalOf(route, dependencies.orm));
  // A path that is not there, or not for this method, still tells strangers nothing but that they are strangers.
  app.use(BASE, async (request, _response, next) => {
    if (request.method !== 'OPTIONS') {
      await authenticate(dependencies.orm.em.fork(), request.headers.authorization, realTime());
    }
    next();
  });
  for (const [path, methods] of methodsByPath()) app.all(BASE + path, otherMethods(methods));
  app.use((_request, _response, next) => next(notFound('resource')));
  app.use(errorHandler(dependencies.log));
  return app;
}

function methodsByPath(): Map<string, Method[]> {
  const methods = new Map<string, Method[]>();
  for (const { path, method } of [...routes, ...unbuiltRoutes])
    methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
}

const requireAdmin =
  (adminKey: string): RequestHandler =>
  (request, _response, next) => {
    next(isAdmin(request.headers.authorization, adminKey) ? undefined : unauthorized());
  };

/** An answer, and the acts to start behind it. */
interface WorkedAnswer extends Answer {
  readonly acts: readonly ActToStart[];
  /** What is sent in the place of the body. */
  readonly file: StoredFile | null;
}

/** Order of checks: authentication, permission, root, then what the handler looks up (spec, api 1.3). */
function handlerOf(route: Route, dependencies: AppDependencies, intake: EventIntake): RequestHandler {
  const { workflowUrl, fault = noFault } = dependencies;
  return async (request, response) => {
    const em = dependencies.orm.em.fork();
    const caller = await authenticate(em, request.headers.authorization, realTime());
    addLogFacts({ organization_id: caller.organization.id });
    tellTestClock(response, caller.organization);
    authorize(caller.apiKey, route.permission, request.method);
    const body = await readRouteBody(route, request, response);
    const receivedAt = response.locals['receivedAt'] as Date;
    const work = async (transaction: EntityManager, cameAt: Date | null): Promise<WorkedAnswer> => {
      const acts: ActToStart[] = [];
      let named: string | undefined;
      const context: RequestContext = {
        ...caller,
        requestId: String(response.locals['requestId']),
        em: transaction,
        now: nowOf(caller.organization),
        receivedAt: cameAt ?? receivedAt,
        timing: dependencies.timing,
        webhookKeys: dependencies.webhookKeys,
        allowedNetworks: dependencies.allowedNetworks,
        intake,
        linkOf: dependencies.links.linkOf,
        userAgent: request.get('User-Agent') ?? null,
        ipAddress: request.ip ?? null,
        startAfterAnswer: (more) => acts.push(...more),
        nameWorkflow: (id) => {
          named = id;
        },
        awaitAct: dependencies.join ?? (() => Promise.resolve('unanswered')),
        workflowUrl,
      };
      const answer = await route.handle(context, inputOf(route, request, body));
      const file = answer instanceof StoredFile ? answer : null;
      if (dependencies.checkAnswers && file === null) route.answer.parse(answer);
      const text = file === null ? textOf(answer) : '';
      return { status: route.status ?? 200, body: text, workflowId: named ?? acts[0]?.id ?? null, acts, file };
    };
    const ageMs = () => Math.max(0, realTime().getTime() - receivedAt.getTime());
    const awaiting = route.awaitsWorkflow ? { locks: dependencies.locks, ageMs } : undefined;
    const asked = { organizationId: caller.organization.id, body, secretAnswer: route.secretAnswer, awaiting };
    const { given, repeated } = await answerRequest(scopedTo(em, caller.organization.id), request, asked, fault, work);
    if ('file' in given && given.file) return sendStoredFile(request, response, dependencies.files, given.file);
    // A refusal is JSON, whatever the route answers.
    const type = given.status < 400 ? (route.answerType ?? 'json') : 'json';
    sendAnswer(response, given, { workflowUrl, repeated, type });
    if ('acts' in given && given.acts.length > 0) dependencies.start(given.acts);
  };
}

const textOf = (answer: unknown): string =>
  typeof answer === 'string' ? answer : answer === undefined ? '' : JSON.stringify(answer);

/**
 * Says which time it is for the caller where that is not the time of the day: an event of today may be years ahead of
 * it.
 */
function tellTestClock(response: Response, { clockNow }: Caller['organization']): void {
  if (clockNow) response.set('Durabill-Test-Clock', datetime(clockNow));
}

/**
 * Authentication and permission come first, as everywhere. For an idempotency key nothing is kept: the next version may
 * do what is asked.
 */
const refusalOf =
  ({ permission }: UnbuiltRoute, orm: MikroORM): RequestHandler =>
  async (request) => {
    const { apiKey } = await authenticate(orm.em.fork(), request.headers.authorization, realTime());
    authorize(apiKey, permission, request.method);
    throw featureUnavailable();
  };

async function readRouteBody(route: Route, request: Request, response: Response): Promise<unknown> {
  // No row can have such an id or code.
  if (!Object.values(request.params as Record<string, string>).every(isStorable)) throw notFound(route.permission);
  return route.body ? readBody(request, response, route.bodyLimitBytes) : undefined;
}

function inputOf(route: Route, request: Request, raw: unknown) {
  const params = request.params as Record<string, string>;
  const query = route.query ? parse(route.query, parseQuery(request.originalUrl)) : {};
  if (!route.body) return { params, query, body: undefined };
  return { params, query, body: parse(route.body, route.root === undefined ? raw : insideRoot(raw, route.root)) };
}
