import type { BillingScope } from '../../activities/command-scope.ts';
import { realTime } from './clock.ts';
import type { RequestContext } from './request-context.ts';

/** The scope of a command that a request asks for. */
export const scopeOf = ({ organization, now, timing }: RequestContext): BillingScope => ({
  organizationId: organization.id,
  now,
  realTime: realTime(),
  hasTestClock: organization.clockNow != null,
  timing,
});
