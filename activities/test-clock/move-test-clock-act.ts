import type { WantedAct } from '../../db/acts/act.ts';
import { actOf, type ActArgument, type ActKind } from '../acts/act-kind.ts';

/** One move of a test clock. */
export const moveTestClockKind = {
  name: 'clock',
  workflow: 'moveTestClock',
  queue: 'urgent',
  reuse: 'ALLOW_DUPLICATE_FAILED_ONLY',
  priority: 1,
  rank: 0,
  whenFailed: 'nothing',
} as const satisfies ActKind;

export interface MoveTestClockArgument extends ActArgument {
  /**
   * `advance` moves the clock from due moment to due moment; `run` does what is due and leaves the clock where it is.
   */
  readonly mode: 'advance' | 'run';
  /** As it was asked for. That of the act's row counts: it comes nearer when the move is ended early. */
  readonly target: string;
}

/** The `move`th move of an organization's test clock, up to and including `target`. */
export function moveTestClockAct(input: {
  readonly organizationId: string;
  readonly move: number;
  readonly mode: 'advance' | 'run';
  readonly target: Date;
}): WantedAct {
  const { organizationId, move, mode } = input;
  const target = input.target.toISOString();
  return actOf(moveTestClockKind, {
    id: `clock/${organizationId}/${move}`,
    organizationId,
    argument: { mode, target },
    summary: mode === 'advance' ? `Advance the test clock to ${target}` : `Do what is due at ${target}`,
  });
}
