import type { BillingScope } from '../../activities/command-scope.ts';
import { realTime } from './clock.ts';
import type { RequestContext } from './request-context.ts';

/** The scope of a command that a request asks for. */
export const scopeOf = ({ organization, now, timing }: RequestContext): BillingScope => ({
  organizationId: organization.id,
  now,
  // Read once the command has its locks, it differs between two requests that came in the same millisecond.
  get realTime() {
    return realTime();
  },
  hasTestClock: organization.clockNow != null,
  timing,
});

/** The same with what some commands know beside it; a copy would hold the real time of now for ever. */
export const scopeWith = <More extends object>(context: RequestContext, more: More): BillingScope & More =>
  Object.assign(scopeOf(context), more);
