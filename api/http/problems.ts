import { z } from 'zod';
import type { ZodOpenApiResponsesObject } from 'zod-openapi';

const codes = z
  .record(z.string(), z.unknown())
  .meta({ description: 'Field to its codes; in a batch, index to field to its codes.' });

interface Problem {
  readonly id: string;
  readonly description: string;
  /** Of `error`. */
  readonly error: string;
  readonly code?: z.ZodType;
  readonly details?: boolean;
  readonly example: Readonly<Record<string, unknown>>;
}

const CODE = z.string();

/** What is answered instead of a success, each with its shape (spec, api 1.3). */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  '400': {
    id: 'BadRequest',
    description: 'The body is not JSON, or its root is missing.',
    error: 'BadRequest: param is missing or the value is empty',
    example: {},
  },
  '401': {
    id: 'Unauthorized',
    description: 'The API key is missing, unknown or expired.',
    error: 'Unauthorized',
    example: {},
  },
  '403': {
    id: 'Forbidden',
    description:
      'The API key may not do this (`<mode>_action_not_allowed_for_<resource>`), or something is not available yet ' +
      '(`feature_unavailable`; `error_details` names the fields).',
    error: 'Forbidden',
    code: CODE,
    details: true,
    example: { code: 'feature_unavailable', error_details: { 'charges.0.pay_in_advance': ['feature_unavailable'] } },
  },
  '404': {
    id: 'NotFound',
    description: 'There is no such thing.',
    error: 'Not Found',
    code: CODE,
    example: { code: 'plan_not_found' },
  },
  '405': {
    id: 'MethodNotAllowed',
    description: 'The state of the resource does not allow it.',
    error: 'Method Not Allowed',
    code: CODE,
    example: { code: 'no_active_subscription' },
  },
  '409': {
    id: 'Conflict',
    description:
      'Something that was asked for before is still being done: a move of the test clock, or the first request ' +
      'with this `Idempotency-Key`.',
    error: 'Conflict',
    code: CODE,
    example: { code: 'idempotency_key_in_use' },
  },
  '413': { id: 'PayloadTooLarge', description: 'The body is too large.', error: 'Payload Too Large', example: {} },
  '415': {
    id: 'UnsupportedMediaType',
    description: 'The encoding of the body is not known.',
    error: 'Unsupported Media Type',
    example: {},
  },
  '422': {
    id: 'UnprocessableEntity',
    description:
      'The input is not valid: `error_details` maps each field to its codes. Or it cannot be done now: then there ' +
      'are none.',
    error: 'Unprocessable Entity',
    code: CODE,
    details: true,
    example: { code: 'validation_errors', error_details: { code: ['value_already_exist'] } },
  },
  '503': {
    id: 'ServiceUnavailable',
    description: 'Try again after `Retry-After` seconds: the database is away, for example.',
    error: 'Service Unavailable',
    code: CODE.optional(),
    example: { code: 'database_unavailable' },
  },
};

const responseOf = (status: string, { id, description, error, code, details = false, example }: Problem) => ({
  id,
  description,
  content: {
    'application/json': {
      schema: z
        .object({
          status: z.literal(Number(status)),
          error: error.startsWith('BadRequest') ? z.string() : z.literal(error),
          ...(code && { code }),
          ...(details && { error_details: codes.optional() }),
        })
        .meta({ id: `${id}Error` }),
      example: { status: Number(status), error, ...example },
    },
  },
});

const RESPONSES = Object.fromEntries(
  Object.entries(PROBLEMS).map(([status, problem]) => [status, responseOf(status, problem)]),
);

const only = (...statuses: readonly string[]): ZodOpenApiResponsesObject =>
  Object.fromEntries(statuses.map((status) => [status, RESPONSES[status]])) as ZodOpenApiResponsesObject;

/** What a route may answer instead of its success. */
export function problemsOf({
  method,
  hasBody,
}: {
  readonly method: string;
  readonly hasBody: boolean;
}): ZodOpenApiResponsesObject {
  return only(
    ...['400', '401', '403', '404', '405'],
    ...(method === 'get' ? [] : ['409']),
    ...(hasBody ? ['413', '415'] : []),
    ...['422', '503'],
  );
}

/** What a route answers that is not built. */
export const unavailableProblems: ZodOpenApiResponsesObject = {
  ...only('401', '403', '503'),
  default: { description: 'None: a success comes with the route.' },
};
