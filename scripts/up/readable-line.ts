/** A log line as a person reads it: time, level and words, and of an error its own; what is no JSON stays as it is. */
export function readableLine(line: string): string {
  const entry = parsed(line);
  if (entry === undefined) return line;
  const { time, level, msg, reason, err, method, route, status } = entry;
  const clock = typeof time === 'string' ? time.slice(11, 19) : '';
  const words = [msg, reason, method, route, status, messageOf(err)].filter(
    (word) => word !== undefined && word !== '',
  );
  return [clock, (typeof level === 'string' ? level : '').padEnd(5), ...words.map(String)].join(' ').trim();
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string | undefined {
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? `(${message})` : undefined;
}
