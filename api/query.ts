import { Refusal, invalid } from '../billing/refusal.ts';
import { isStorable } from './body.ts';

const MAX_PARAMETERS = 500;

type Query = Record<string, string | string[] | Record<string, string>>;

/**
 * Reads a query string the way Lago's clients write it: `key[]=a&key[]=b` is a list, `key[name]=v` a map, anything else a
 * text of which the last one counts (spec, api 1.4).
 *
 * @throws Refusal 400 beyond 500 parameters; 422 on a parameter that no row could match: with a NUL byte, for example.
 */
export function parseQuery(url: string): Query {
  const query: Query = Object.create(null) as Query;
  const parameters = new URL(url, 'http://localhost').searchParams;
  if (parameters.size > MAX_PARAMETERS) throw new Refusal({ kind: 'bad_request', text: 'too many query parameters' });
  for (const [name, value] of parameters) {
    if (!isStorable(name) || !isStorable(value))
      throw invalid({ [isStorable(name) ? name : 'base']: ['value_is_invalid'] });
    const [, key = name, inner] = /^([^[\]]+)\[([^[\]]*)\]$/.exec(name) ?? [];
    const present = query[key];
    if (inner === undefined) query[key] = value;
    else if (inner === '') query[key] = Array.isArray(present) ? [...present, value] : [value];
    else {
      const map =
        typeof present === 'object' && !Array.isArray(present)
          ? present
          : (Object.create(null) as Record<string, string>);
      map[inner] = value;
      query[key] = map;
    }
  }
  return query;
}
