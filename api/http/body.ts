import { isUtf8 } from 'node:buffer';
import express, { type Request, type Response } from 'express';
import { Refusal, invalid } from '../../billing/refusal.ts';
import { ExactNumber, keepDigits } from '../../billing/usage/exact-number.ts';

/** Bytes of a request's body at most. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** Bytes of a batch of events at most. */
export const BATCH_BODY_LIMIT_BYTES = 5 * 1024 * 1024;

const MAX_DEPTH = 40;

const parserFor = (limit: number) => express.text({ limit, type: () => true, verify: refuseOtherThanUtf8 });

/**
 * Two different texts would become one if what is not UTF-8 were replaced; and JSON is written in UTF-8 (RFC 8259,
 * 8.1).
 */
function refuseOtherThanUtf8(_request: unknown, _response: unknown, bytes: Buffer, charset: string): void {
  if (charset !== 'utf-8') throw Object.assign(new Error('the charset of JSON is UTF-8'), { status: 415 });
  if (!isUtf8(bytes)) throw new Refusal({ kind: 'bad_request', text: 'the body is not UTF-8' });
}

type Parser = ReturnType<typeof parserFor>;
const parsers = new Map<number, Parser>();

/**
 * Reads a body. Numbers that JavaScript would round arrive as `ExactNumber`s, so that nothing is rounded unseen: only
 * what is checked for them takes them. What PostgreSQL cannot hold in any field is refused.
 *
 * @throws errors of the body parser: 400 for broken JSON, 413 for a body beyond the limit; Refusal 422 on a field.
 */
export async function readBody(
  request: Request,
  response: Response,
  limit: number = BODY_LIMIT_BYTES,
): Promise<unknown> {
  const parser = parsers.get(limit) ?? parserFor(limit);
  parsers.set(limit, parser);
  await new Promise<void>((resolve, reject) => {
    parser(request, response, (error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
  const text = request.body as string | undefined;
  if (text === undefined) return undefined;
  const body = text === '' ? {} : readJson(text);
  if (MAYBE_NOT_STORABLE.test(text) || isDeeperThan(MAX_DEPTH, body)) assertStorable(body);
  return body;
}

/**
 * Finds every number that may be more than a JavaScript number keeps: 15 characters or more, or an exponent
 * (`billing/usage/exact-number.ts`). What only looks like one inside of a string costs time and changes nothing.
 */
const MAYBE_ROUNDED = /(?:^|[[:,])\s*-?\d(?:[\d.]{14}|[\d.]*e)/i;

/** Bytes that are UTF-8 have no half surrogates, and JSON no NUL: both must be written as escapes. */
const MAYBE_NOT_STORABLE = /\\u(?:0000|d[89a-f])/i;

/** A reviver is called for every value of a body, and hardly any body has a number that needs it. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text, MAYBE_ROUNDED.test(text) ? keepDigits : undefined) as unknown;
  } catch (cause) {
    throw Object.assign(new SyntaxError('the body is not JSON', { cause }), {
      status: 400,
      type: 'entity.parse.failed',
    });
  }
}

function isDeeperThan(depth: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner));
}

/** Whether PostgreSQL can hold a text: no NUL, no half surrogates. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/**
 * Refuses what PostgreSQL cannot hold in any field: NUL bytes, half surrogates, and nesting without end.
 *
 * @throws Refusal 422 on the field that holds it.
 */
function assertStorable(body: unknown): void {
  const open: { value: unknown; path: readonly string[] }[] = [{ value: body, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next;
    const field = path.slice(1).join('.') || 'base';
    if (path.length > MAX_DEPTH) throw invalid({ base: ['value_is_invalid'] });
    if (typeof value === 'string' && !isStorable(value)) throw invalid({ [field]: ['value_is_invalid'] });
    if (typeof value !== 'object' || value === null || value instanceof ExactNumber) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (!isStorable(key)) throw invalid({ [field]: ['value_is_invalid'] });
      open.push({ value: inner, path: [...path, key] });
    }
  }
}

/**
 * What is inside the body's root.
 *
 * @throws Refusal 400 when the root is missing, empty or not an object (spec, api 1.2).
 */
export function insideRoot(body: unknown, root: string): object {
  const inside = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[root] : undefined;
  if (typeof inside !== 'object' || inside === null || Array.isArray(inside) || Object.keys(inside).length === 0) {
    throw new Refusal({ kind: 'bad_request', text: `param is missing or the value is empty: ${root}` });
  }
  return inside;
}
