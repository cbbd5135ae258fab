import type { Organization } from '../../db/entities/organizations/organization.ts';

/** Real time; the API's only look at the system's clock. */
export const realTime = (): Date => new Date();

/** For measuring how long something takes. */
export const monotonicMs = (): number => performance.now();

/** What time it is for an organization: real time, or the moment at which its test clock stands. */
export const nowOf = (organization: Organization): Date => organization.clockNow ?? realTime();
