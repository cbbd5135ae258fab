import { Refusal, invalid } from '../../billing/refusal.ts';
import { isStorable } from './body.ts';

const MAX_PARAMETERS = 500;

/** A map whose values are maps again stays one, so that whoever expects texts refuses it. */
type Query = Record<string, string | string[] | Record<string, unknown>>;

/**
 * Reads a query string: `key[]=a&key[]=b` and `key=a&key=b` are lists, `key[name]=v` is a map, anything else a text
 * (spec, api 1.4; decisions).
 *
 * @param target a path with its query, or without.
 * @throws Refusal 400 beyond 500 parameters, and for what is not UTF-8 in percent-encoding; 422 on a parameter that no
 * row could match, with a NUL byte for example, and on one that is given in two forms, or twice as one entry of a map.
 */
export function parseQuery(target: string): Query {
  const query: Query = Object.create(null) as Query;
  const [, text = ''] = /^[^?#]*\?([^#]*)/.exec(target) ?? [];
  const parameters = text.split('&').filter(Boolean);
  if (parameters.length > MAX_PARAMETERS) throw new Refusal({ kind: 'bad_request', text: 'too many query parameters' });
  for (const parameter of parameters) {
    const [, sentName = '', sentValue = ''] = /^([^=]*)=?(.*)$/s.exec(parameter) ?? [];
    const [name, value] = [decoded(sentName), decoded(sentValue)];
    if (!isStorable(name) || !isStorable(value))
      throw invalid({ [isStorable(name) ? name : 'base']: ['value_is_invalid'] });
    const [, key = name, inner, deeper = ''] = /^([^[\]]+)\[([^[\]]*)\](.*)$/s.exec(name) ?? [];
    const present = query[key];
    if (inner === undefined) query[key] = present === undefined ? value : [...listOf(key, present), value];
    else if (inner === '' && deeper === '') query[key] = [...listOf(key, present ?? []), value];
    else query[key] = withEntry(key, mapOf(key, present), inner, deeper === '' ? value : {});
  }
  return query;
}

/** Two different texts would become one if whatever is not UTF-8 were replaced. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new Refusal({ kind: 'bad_request', text: 'the query is not UTF-8 in percent-encoding' });
  }
}

function listOf(key: string, present: Query[string]): string[] {
  if (typeof present === 'string') return [present];
  if (Array.isArray(present)) return present;
  throw invalid({ [key]: ['value_is_invalid'] });
}

function mapOf(key: string, present: Query[string] | undefined): Record<string, unknown> {
  if (present === undefined) return Object.create(null) as Record<string, unknown>;
  if (typeof present === 'object' && !Array.isArray(present)) return present;
  throw invalid({ [key]: ['value_is_invalid'] });
}

/** Of two values of one entry neither is taken silently. */
function withEntry(key: string, map: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  if (name in map) throw invalid({ [key]: ['value_is_invalid'] });
  map[name] = value;
  return map;
}
