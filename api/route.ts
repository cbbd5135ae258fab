import type { z } from 'zod';
import type { RequestContext } from './request-context.ts';

export type Method = 'get' | 'post' | 'put' | 'delete';

export interface RouteInput<Body, Query> {
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

/** One endpoint: what it takes, what it answers and who may use it. The OpenAPI document is made from the same values. */
export interface Route<Body = unknown, Query = unknown, Answer = unknown> {
  readonly method: Method;
  /** Relative to `/api/v1`; parameters as `:code`. */
  readonly path: string;
  /** The resource whose permission it needs (spec, api 1.1). */
  readonly permission: string;
  readonly summary: string;
  /** The key that wraps the body; a missing or empty one is a 400. Absent: the body is taken as it is. */
  readonly root?: string;
  /** Schema of what is inside the root. */
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  /** Schema of the whole answer. */
  readonly answer: z.ZodType<Answer>;
  /** `application/json` unless said; a plain text is sent as it is. */
  readonly answerType?: 'text/plain';
  /** HTTP status of success, 200 unless said. */
  readonly status?: number;
  /** Bytes of body at most, 1 MB unless said; beyond: 413. */
  readonly bodyLimitBytes?: number;
  /** The body's numbers keep all their digits: those that JavaScript would round arrive as strings. */
  readonly exactNumbers?: boolean;
  readonly handle: (context: RequestContext, input: RouteInput<Body, Query>) => Promise<Answer>;
}

/** Checks a route's types against each other and forgets them, so that routes of different shapes fit one list. */
export const route = <Body, Query, Answer>(definition: Route<Body, Query, Answer>): Route =>
  definition as unknown as Route;
