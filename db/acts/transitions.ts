import type { ActState } from '../entities/acts/act.ts';

export interface ActTransition {
  /** In which states the transition finds an act; none: it is new. */
  readonly from: readonly ActState[];
  readonly to: ActState;
  /** Who does it, and why. */
  readonly by: string;
}

const OPEN = ['wanted', 'waiting', 'working'] as const;

/**
 * Every way in which an act's state changes. The statements of this folder are made from it (`inState`, `entering`), so
 * that no other way exists; `tests/habits/acts.test.ts` sees to that. An act that a statement does not find in `from`
 * stays as it is.
 */
export const ACT_TRANSITIONS = {
  want: { from: [], to: 'wanted', by: 'the transaction of its cause' },
  wantAgain: {
    from: ['waiting', 'done', 'failed'],
    to: 'wanted',
    by: 'new work for an act that is done over and over: the lane of a webhook endpoint, the refresh of a draft',
  },
  makeDueNow: { from: [...OPEN, 'failed'], to: 'wanted', by: 'a request that asks for its effect at once' },
  bringForward: { from: ['wanted', 'waiting'], to: 'wanted', by: 'a request that bills what is due' },
  moveEarlier: { from: OPEN, to: 'wanted', by: 'a change of time zone, settings or deletion that moves its moment' },
  wake: { from: ['wanted', 'waiting'], to: 'wanted', by: 'a change after which its workflow has to look again' },
  heal: {
    from: ['waiting', 'working'],
    to: 'wanted',
    by: "the watchdog, or a worker that meets a new store of Temporal's",
  },
  retry: { from: ['failed'], to: 'wanted', by: 'an operator' },
  startWaiting: { from: ['wanted'], to: 'waiting', by: 'whoever started its workflow: it is due later' },
  startWorking: { from: ['wanted'], to: 'working', by: 'whoever started its workflow, or told it to look' },
  reachMoment: { from: ['wanted', 'waiting'], to: 'working', by: "a move of its organization's test clock" },
  markWorking: {
    from: [...OPEN, 'done', 'failed'],
    to: 'working',
    by: 'its own activity, the lane of a webhook endpoint',
  },
  waitLonger: { from: ['wanted', 'working'], to: 'waiting', by: 'its own activity: its moment is a later one' },
  markWaitingUntil: { from: ['working'], to: 'waiting', by: 'its own activity, the lane of a webhook endpoint' },
  finish: { from: [...OPEN, 'failed'], to: 'done', by: 'the transaction of its effect, or of what makes it needless' },
  markIdle: {
    from: ['working'],
    to: 'done',
    by: 'its own activity: the lane of a webhook endpoint has nothing left to send',
  },
  fail: { from: [...OPEN, 'failed'], to: 'failed', by: 'the record of its second failed try' },
} as const satisfies Record<string, ActTransition>;

export type ActTransitionName = keyof typeof ACT_TRANSITIONS;

const quoted = (states: readonly ActState[]): string => states.map((state) => `'${state}'`).join(', ');

/** SQL: whether an act is where a transition finds it. @param act the name of its row in the statement. */
export const inState = (name: ActTransitionName, act = 'acts'): string =>
  `${act}.state in (${quoted(ACT_TRANSITIONS[name].from)})`;

/** SQL: the state after a transition, a literal. */
export const entering = (name: ActTransitionName): string => `'${ACT_TRANSITIONS[name].to}'`;

/** SQL: the state of an act of which a condition says whether the transition is made. */
export const enteringIf = (condition: string, name: ActTransitionName): string =>
  `case when ${condition} then ${entering(name)} else acts.state end`;

/**
 * SQL: the states in which something is left to do without an operator. They are those of partial indexes: in this
 * order.
 */
export const IS_OPEN = `state in (${quoted(OPEN)})`;
