import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import { notFound } from '../billing/refusal.ts';
import type { BillingTiming } from '../activities/billing-timing.ts';
import type { WebhookKeys } from '../activities/webhook-keys.ts';
import type { WantedAct } from '../db/acts.ts';
import type { OperationFigures } from '../db/queries/operation-figures.ts';
import { scopedTo } from '../db/orm.ts';
import { addLogFacts } from '../telemetry/log-facts.ts';
import { adminPaths, adminRouter } from './admin/routes.ts';
import { Unauthorized, authenticate, authorize, isAdmin } from './authentication.ts';
import { insideRoot, isStorable, readBody } from './body.ts';
import { nowOf, realTime } from './clock.ts';
import { docsRouter } from './docs.ts';
import { errorHandler } from './errors.ts';
import { observedRequest } from './observed-request.ts';
import { openApiDocument } from './openapi.ts';
import { operationsRouter } from './operations.ts';
import { parseQuery } from './query.ts';
import type { RequestContext } from './request-context.ts';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import { parse } from './validation.ts';

export interface AppDependencies {
  readonly orm: MikroORM;
  readonly log: Logger;
  readonly adminKey: string;
  readonly timing: BillingTiming;
  readonly webhookKeys: WebhookKeys;
  /** Where an operator looks at a workflow. */
  readonly workflowUrl: (workflowId: string) => string;
  /** Starts acts behind the answer; never throws. */
  readonly start: (acts: readonly WantedAct[]) => void;
  /** False once the server is shutting down. */
  readonly isReady: () => boolean;
  /** Checks each answer against its schema: for tests. */
  readonly checkAnswers: boolean;
  /** What the database says of the whole installation; absent: nobody asks. */
  readonly figures?: { readonly read: (nowMs: number) => Promise<OperationFigures> };
  /** Whether `/metrics` is there. */
  readonly metrics?: boolean;
  /** Temporal is the dev server that `npm start` runs. */
  readonly embeddedTemporal?: boolean;
}

const BASE = '/api/v1';

/** The HTTP server's request handling; it listens in `api/main.ts`. */
export function makeApp(dependencies: AppDependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(observedRequest(dependencies.log));
  app.use(
    operationsRouter({
      log: dependencies.log,
      pingDatabase: () => dependencies.orm.em.fork().execute('select 1'),
      isReady: dependencies.isReady,
      figures: dependencies.figures,
      metrics: dependencies.metrics ?? false,
      embeddedTemporal: dependencies.embeddedTemporal ?? false,
    }),
  );
  const document = openApiDocument(routes, adminPaths);
  app.get('/openapi.json', (_request, response) => void response.json(document));
  app.use('/docs', docsRouter());
  app.use('/admin', requireAdmin(dependencies.adminKey), adminRouter(dependencies));
  for (const route of routes) app[route.method](BASE + route.path, handlerOf(route, dependencies));
  app.use(BASE, (request, _response, next) => {
    // An unknown path still tells strangers nothing but that they are strangers.
    authenticate(dependencies.orm.em.fork(), request.headers.authorization, realTime()).then(
      () => next(notFound('resource')),
      next,
    );
  });
  app.use((_request, _response, next) => next(notFound('resource')));
  app.use(errorHandler(dependencies.log));
  return app;
}

const requireAdmin =
  (adminKey: string): RequestHandler =>
  (request, _response, next) => {
    next(isAdmin(request.headers.authorization, adminKey) ? undefined : new Unauthorized());
  };

/** Order of checks: authentication, permission, root, then what the handler looks up (spec, api 1.3). */
function handlerOf(route: Route, dependencies: AppDependencies): RequestHandler {
  return async (request, response) => {
    const em = dependencies.orm.em.fork();
    const { organization, apiKey } = await authenticate(em, request.headers.authorization, realTime());
    addLogFacts({ organization_id: organization.id });
    authorize(apiKey, route.permission, request.method);
    const input = await readInput(route, request, response);
    const wanted: WantedAct[] = [];
    const context: RequestContext = {
      requestId: String(response.locals['requestId']),
      organization,
      apiKey,
      em: scopedTo(em, organization.id),
      now: nowOf(organization),
      timing: dependencies.timing,
      webhookKeys: dependencies.webhookKeys,
      userAgent: request.get('User-Agent') ?? null,
      ipAddress: request.ip ?? null,
      wanted: (acts) => wanted.push(...acts),
    };
    const answer = await route.handle(context, input);
    if (dependencies.checkAnswers) route.answer.parse(answer);
    const [first] = wanted;
    if (first) {
      response.set('Durabill-Workflow-Id', first.id).set('Durabill-Workflow-Url', dependencies.workflowUrl(first.id));
    }
    response.status(route.status ?? 200);
    if (route.answerType === undefined) response.json(answer);
    else response.type(route.answerType).send(String(answer));
    if (first) dependencies.start(wanted);
  };
}

async function readInput(route: Route, request: Request, response: Response) {
  const params = request.params as Record<string, string>;
  // No row can have such an id or code.
  if (!Object.values(params).every(isStorable)) throw notFound(route.permission);
  const query = route.query ? parse(route.query, parseQuery(request.originalUrl)) : {};
  if (!route.body) return { params, query, body: undefined };
  const raw = await readBody(request, response, route.bodyLimitBytes, route.exactNumbers);
  const inside = route.root === undefined ? raw : insideRoot(raw, route.root);
  return { params, query, body: parse(route.body, inside) };
}
