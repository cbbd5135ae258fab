import type { BoundaryArgument } from '../../activities/subscriptions/boundary-argument.ts';
import { billAtBoundary, type BoundaryOutcome } from './bill-at-boundary.ts';

/** The last invoice of a subscription that has ended. */
export const lastInvoice = (argument: BoundaryArgument): Promise<BoundaryOutcome> => billAtBoundary(argument);
