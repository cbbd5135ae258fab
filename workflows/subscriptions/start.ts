import type { BoundaryArgument } from '../../activities/acts/wanted-acts.ts';
import { billAtBoundary, type BoundaryOutcome } from './bill-at-boundary.ts';

/** The first invoice of a plan paid in advance: at its start, or at the end of its trial. */
export const start = (argument: BoundaryArgument): Promise<BoundaryOutcome> => billAtBoundary(argument);
