import type { RequestHandler } from 'express';

/** A pause of so long between two answers and the next request is no pause of a client that asks on and on. */
const PAUSE_MS = 5;

export interface OpenRequests {
  /** Counts those that come by it. */
  readonly count: RequestHandler;
  /** Resolves in a pause: when nobody waits for an answer. */
  readonly pause: () => Promise<void>;
}

/** The requests that this process has not answered yet, for work that takes no time from them. */
export function openRequests(): OpenRequests {
  let open = 0;
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    const resumed = waiting;
    [waiting, timer] = [[], undefined];
    for (const goOn of resumed) goOn();
  };
  const look = (): void => {
    if (open === 0 && waiting.length > 0) timer ??= setTimeout(resume, PAUSE_MS);
  };
  return {
    count: (_request, response, next) => {
      open += 1;
      clearTimeout(timer);
      timer = undefined;
      response.once('close', () => {
        open -= 1;
        look();
      });
      next();
    },
    pause: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        look();
      }),
  };
}
