import type { RequestHandler } from 'express';

/** 405: what is at the path has other methods. */
export class MethodNotAllowed extends Error {
  readonly allow: string;

  constructor(allow: string) {
    super(`only ${allow}`);
    this.allow = allow;
  }
}

/** What may be asked of a path, as the header `Allow` says it. */
export const allowOf = (methods: readonly string[]): string => {
  const names = methods.map((method) => method.toUpperCase());
  return [...new Set([...names, ...(names.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].toSorted().join(', ');
};

/** Answers the methods that nothing else at the path has taken; to be put behind whatever takes them. */
export const otherMethods = (methods: readonly string[]): RequestHandler => {
  const allow = allowOf(methods);
  return (request, response, next) => {
    if (request.method === 'OPTIONS') response.set('Allow', allow).status(204).end();
    else next(new MethodNotAllowed(allow));
  };
};

/** `OPTIONS *`: what the server knows at all. */
export const serverOptions: RequestHandler = (request, response, next) => {
  if (request.url === '*')
    response
      .set('Allow', allowOf(['get', 'post', 'put', 'delete']))
      .status(204)
      .end();
  else next();
};
