import { enteringIf } from './transitions.ts';

/**
 * SQL: whether the workflow of an act sleeps beyond the act's new moment and has to be told, or will once its start,
 * which may be under way, has come through. A test clock compares by itself.
 *
 * @param dueAt SQL of the new moment.
 */
export const sleepsBeyond = (dueAt: string): string =>
  `(acts.state = 'waiting' or acts.state = 'wanted' and acts.verb = 'start') and ${dueAt} < acts.due_at
   and not (acts.argument->>'frozen')::boolean`;

/** SQL: the columns of an act whose workflow is told to look at its new moment, where the condition holds. */
export const toldIf = (condition: string): string =>
  `state = ${enteringIf(condition, 'moveEarlier')}, verb = case when ${condition} then 'signal' else acts.verb end,
   leased_until = case when ${condition} then null else acts.leased_until end`;
