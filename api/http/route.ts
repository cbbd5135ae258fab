import type { z } from 'zod';
import type { PermissionResource } from '../../billing/api-keys/permission-resources.ts';
import type { RequestContext } from './request-context.ts';
import type { StoredFile } from './stored-file.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface RouteInput<Body, Query> {
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

/**
 * One endpoint: what it takes, what it answers and who may use it. The OpenAPI document is made from the same values.
 */
export interface Route<Body = unknown, Query = unknown, Answer = unknown> {
  readonly method: Method;
  /** Relative to `/api/v1`; parameters as `:code`. */
  readonly path: string;
  /** The resource whose permission it needs (spec, api 1.1). */
  readonly permission: PermissionResource;
  readonly summary: string;
  /** The key that wraps the body; a missing or empty one is a 400. Absent: the body is taken as it is. */
  readonly root?: string;
  /** Schema of what is inside the root. */
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  /** Schema of the whole answer. */
  readonly answer: z.ZodType<Answer>;
  /** `application/json` unless said; a plain text is sent as it is. */
  readonly answerType?: 'text/plain' | 'text/csv';
  /** HTTP status of success, 200 unless said. */
  readonly status?: number;
  /** Bytes of body at most, 1 MB unless said; beyond: 413. */
  readonly bodyLimitBytes?: number;
  /** The answer holds a secret: for an idempotency key it is kept encrypted, for the same API key only. */
  readonly secretAnswer?: boolean;
  /**
   * `handle` awaits a workflow of an act that it writes, so it cannot be one transaction with the answer that an
   * idempotency key keeps. It must be safe to repeat by itself, and decide what it answers by `receivedAt`: whoever
   * repeats it after it was cut off is answered as the first would have been.
   */
  readonly awaitsWorkflow?: boolean;
  /**
   * Does it, through the context's entity manager and nothing beside it: a fork would leave the transaction that makes
   * a request with an idempotency key and its answer one.
   */
  readonly handle: (context: RequestContext, input: RouteInput<Body, Query>) => Promise<Answer | StoredFile>;
}

/** Checks a route's types against each other and forgets them, so that routes of different shapes fit one list. */
export const route = <Body, Query, Answer>(definition: Route<Body, Query, Answer>): Route =>
  definition as unknown as Route;
