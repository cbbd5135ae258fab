/** Where the API is reached from outside, without `/api/v1`: `DURABILL_PUBLIC_URL`, or the address at which it listens. */
export function publicUrl(environment: NodeJS.ProcessEnv): string {
  const given = environment['DURABILL_PUBLIC_URL'];
  if (given) return given.replace(/\/+$/, '');
  return `http://${environment['HOST'] ?? '127.0.0.1'}:${environment['PORT'] ?? '3000'}`;
}
