/** What of a route its name is made from. */
interface Named {
  readonly method: string;
  /** Relative to `/api/v1`; parameters as `:code`. */
  readonly path: string;
}

const VERBS: Readonly<Record<string, string>> = {
  post: 'create',
  get: 'get',
  put: 'update',
  patch: 'merge',
  delete: 'delete',
};

/** With these a path's last part begins if it says itself what is done. */
const ACTS = new Set(
  (
    'approve bill cancel clone download estimate evaluate execute finalize lose mark preview refresh resend retry ' +
    'rotate run set sync void'
  ).split(' '),
);

const singular = (word: string): string => {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.endsWith('xes')) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
};

const camel = (words: readonly string[]): string =>
  words.flatMap((word) => word.split('_')).reduce((text, word) => text + word.charAt(0).toUpperCase() + word.slice(1));

/**
 * The `operationId` of a route, from which clients make the name of a function: `POST /plans` is `createPlan`, `GET
 * /plans` is `listPlans`, `POST /invoices/:id/retry_payment` is `retryInvoicePayment`.
 */
export function operationIdOf({ method, path }: Named): string {
  const parts = path.split('/').filter(Boolean);
  const words = parts.filter((part) => !part.startsWith(':'));
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1).map(singular);
  const endsInParameter = parts.at(-1)?.startsWith(':') ?? false;
  const [act = '', ...object] = last.split('_');
  if (ACTS.has(act) && method !== 'get') return camel([act, ...before, ...object]);
  // `GET /organizations` is the one of the API key.
  const isList = method === 'get' && !endsInParameter && last.endsWith('s') && path !== '/organizations';
  if (isList) return camel(['list', ...before, last]);
  const verb = VERBS[method] ?? method;
  if (endsInParameter && singular(last) === last) return camel([verb, ...before, last, (parts.at(-1) ?? '').slice(1)]);
  const isWhole = method === 'delete' && !endsInParameter;
  return camel([verb, ...before, isWhole ? last : singular(last)]);
}
