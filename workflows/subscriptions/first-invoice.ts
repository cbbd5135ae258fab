import type { BoundaryArgument } from '../../activities/subscriptions/boundary-argument.ts';
import { billAtBoundary, type BoundaryOutcome } from './bill-at-boundary.ts';

/** The first invoice of a plan paid in advance: at its start, or at the end of its trial. */
export const firstInvoice = (argument: BoundaryArgument): Promise<BoundaryOutcome> => billAtBoundary(argument);
