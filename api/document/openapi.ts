import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from 'zod-openapi';
import { version } from '../../telemetry/version.ts';
import { answerExample, pathExample, requestExample } from './examples.ts';
import { idempotencyKeyHeader } from '../idempotency/key-header.ts';
import { operationIdOf } from './operation-id.ts';
import { chargePropertiesSchemas } from '../plans/charge-properties-schema.ts';
import { problemsOf, unavailableProblems } from '../http/problems.ts';
import { readableSchemas } from './readable-schemas.ts';
import type { Route } from '../http/route.ts';
import { UNAVAILABLE_TAG, tagOf, tags } from './tags.ts';
import { UNAVAILABLE } from './unavailable.ts';
import type { UnbuiltRoute } from './unbuilt-routes.ts';

/** Lists under the names by which clients send them: `status[]`. */
const documentedQuery = ({ shape }: z.ZodObject<Record<string, z.ZodType>>): z.ZodObject =>
  z.object(Object.fromEntries(Object.entries(shape).map(([name, schema]) => [documentedName(name, schema), schema])));

const documentedName = (name: string, schema: z.ZodType): string => {
  const { override } = z.globalRegistry.get(schema) ?? {};
  return typeof override === 'object' && 'type' in override && override.type === 'array' ? `${name}[]` : name;
};

/** A path in the form of OpenAPI: `/api/v1/plans/{code}`. */
const documentedPath = (path: string): string => `/api/v1${path.replaceAll(/:(\w+)/g, '{$1}')}`;

function pathParameters(path: string, operationId: string) {
  const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const example = pathExample(operationId, name);
    return [name, z.string().meta(example === undefined ? {} : { examples: [example] })] as const;
  });
  return parameters.length === 0 ? {} : { path: z.object(Object.fromEntries(parameters)) };
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const operationId = operationIdOf(route);
  const { root, body, query, method, status = 200, answerType = 'application/json' } = route;
  const inRoot = body && (root === undefined ? body : z.object({ [root]: body }));
  return {
    operationId,
    summary: route.summary,
    tags: [tagOf(route)],
    security: [{ apiKey: [] }],
    requestParams: {
      ...pathParameters(route.path, operationId),
      ...(query instanceof z.ZodObject && { query: documentedQuery(query) }),
      ...(method !== 'get' && { header: idempotencyKeyHeader }),
    },
    ...(inRoot && {
      requestBody: {
        required: !inRoot.safeParse(undefined).success,
        content: { 'application/json': { schema: inRoot, ...requestExample(operationId) } },
      },
    }),
    responses: {
      [String(status)]: {
        description: 'Success',
        content: { [answerType]: { schema: route.answer, ...answerExample(operationId) } },
      },
      ...problemsOf({ method, hasBody: body !== undefined }),
    },
  };
}

function unavailableOperationOf(route: UnbuiltRoute): ZodOpenApiOperationObject {
  const operationId = operationIdOf(route);
  return {
    ...UNAVAILABLE,
    operationId,
    summary: `${route.feature}: not available yet`,
    description:
      `${route.feature}: durabill does not have this route of Lago's API yet. ` +
      'It answers 403 `feature_unavailable`.',
    tags: [UNAVAILABLE_TAG.name],
    security: [{ apiKey: [] }],
    requestParams: pathParameters(route.path, operationId),
    responses: unavailableProblems,
  };
}

/** Routes in the order of their tags, each tag's as they are listed. */
function pathsOf(routes: readonly Route[], unbuilt: readonly UnbuiltRoute[]): ZodOpenApiPathsObject {
  const order = tags.map(({ name }) => name);
  const sorted = routes.toSorted((one, other) => order.indexOf(tagOf(one)) - order.indexOf(tagOf(other)));
  const operations = [
    ...sorted.map((route) => ({ route, operation: operationOf(route) })),
    ...unbuilt.map((route) => ({ route, operation: unavailableOperationOf(route) })),
  ];
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const { route, operation } of operations) (paths[documentedPath(route.path)] ??= {})[route.method] = operation;
  return paths;
}

/** The OpenAPI 3.1 document, made from the schemas that check requests and answers. */
export function openApiDocument(
  routes: readonly Route[],
  unbuilt: readonly UnbuiltRoute[],
  adminPaths: ZodOpenApiObject['paths'],
): ReturnType<typeof createDocument> {
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'durabill',
      version,
      description:
        "Usage-based billing on durable workflows; speaks Lago's public REST API. What is marked " +
        '`x-durabill-status: unavailable` is not there yet.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: '/', description: 'The server that this document comes from' },
      { url: 'http://127.0.0.1:3000', description: 'What `npm start` runs' },
    ],
    tags,
    components: {
      schemas: chargePropertiesSchemas,
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the organization' },
        adminKey: { type: 'http', scheme: 'bearer', description: '`DURABILL_ADMIN_KEY`' },
      },
    },
    paths: { ...pathsOf(routes, unbuilt), ...adminPaths },
  });
  return readableSchemas(document);
}
