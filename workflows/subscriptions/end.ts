import type { BoundaryArgument } from '../../activities/acts/wanted-acts.ts';
import { billAtBoundary, type BoundaryOutcome } from './bill-at-boundary.ts';

/** The last invoice of a subscription that has ended. */
export const end = (argument: BoundaryArgument): Promise<BoundaryOutcome> => billAtBoundary(argument);
