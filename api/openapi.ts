import { z } from 'zod';
import { createDocument, type ZodOpenApiObject, type ZodOpenApiOperationObject } from 'zod-openapi';
import { idempotencyKeyHeader } from './idempotency/key-header.ts';
import type { Route } from './route.ts';
import { version } from '../telemetry/version.ts';

const json = (schema: z.ZodType) => ({ 'application/json': { schema } });

const errorSchema = z
  .object({
    status: z.int(),
    error: z.string(),
    code: z.string().optional(),
    error_details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' });

const problems = {
  '400': 'The body is not JSON, or its root is missing.',
  '401': 'The API key is missing, unknown or expired.',
  '403': 'The API key may not do this, or the feature is not available.',
  '404': 'Not found.',
  '405': 'The state of the resource does not allow it.',
  '409':
    'Something that was asked for before is still being done: a move of the test clock, or the first request with this `Idempotency-Key`.',
  '413': 'The body is too large.',
  '415': 'The encoding of the body is not known.',
  '422': 'The input is not valid: `error_details` maps each field to its codes.',
  '503': 'The database is away; try again after `Retry-After` seconds.',
} as const;

/** What every endpoint may answer instead of its success (spec, api 1.3). */
export const problemResponses = Object.fromEntries(
  Object.entries(problems).map(([status, description]) => [status, { description, content: json(errorSchema) }]),
);

/** Lists under the names by which clients send them: `status[]`. */
const documentedQuery = ({ shape }: z.ZodObject<Record<string, z.ZodType>>): z.ZodObject =>
  z.object(Object.fromEntries(Object.entries(shape).map(([name, schema]) => [documentedName(name, schema), schema])));

const documentedName = (name: string, schema: z.ZodType): string => {
  const { override } = z.globalRegistry.get(schema) ?? {};
  return typeof override === 'object' && 'type' in override && override.type === 'array' ? `${name}[]` : name;
};

function operationOf(route: Route): ZodOpenApiOperationObject {
  const body = route.body && (route.root === undefined ? route.body : z.object({ [route.root]: route.body }));
  const parameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return {
    summary: route.summary,
    tags: [route.permission],
    security: [{ apiKey: [] }],
    requestParams: {
      ...(parameters.length > 0 && {
        path: z.object(Object.fromEntries(parameters.map((name) => [name, z.string()]))),
      }),
      ...(route.query instanceof z.ZodObject && { query: documentedQuery(route.query) }),
      ...(route.method !== 'get' && { header: idempotencyKeyHeader }),
    },
    ...(body && { requestBody: { required: true, content: json(body) } }),
    responses: {
      [String(route.status ?? 200)]: {
        description: 'Success',
        content: { [route.answerType ?? 'application/json']: { schema: route.answer } },
      },
      ...problemResponses,
    },
  };
}

/** The OpenAPI 3.1 document, made from the schemas that check requests and answers. */
export function openApiDocument(
  routes: readonly Route[],
  adminPaths: ZodOpenApiObject['paths'],
): ReturnType<typeof createDocument> {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    const path = `/api/v1${route.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    (paths[path] ??= {})[route.method] = operationOf(route);
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'durabill',
      version,
      description: "Usage-based billing on durable workflows; speaks Lago's public REST API.",
      license: { name: 'MIT', identifier: 'MIT' },
    },
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer' },
        adminKey: { type: 'http', scheme: 'bearer', description: '`DURABILL_ADMIN_KEY`' },
      },
    },
    paths: { ...paths, ...adminPaths },
  });
}
