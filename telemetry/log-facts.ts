import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line written meanwhile says besides its own words: ids only, never names. */
export interface LogFacts {
  request_id?: string;
  organization_id?: string;
  workflow_id?: string;
  run_id?: string;
  activity?: string;
}

const storage = new AsyncLocalStorage<LogFacts>();

/** Runs some work whose log lines say whom it is for. More facts may be added while it runs (`addLogFacts`). */
export const withLogFacts = <Result>(facts: LogFacts, work: () => Result): Result => storage.run(facts, work);

/** Adds what has become known, for the rest of the work. */
export function addLogFacts(facts: LogFacts): void {
  Object.assign(storage.getStore() ?? {}, facts);
}

export const currentLogFacts = (): Readonly<LogFacts> => storage.getStore() ?? {};
