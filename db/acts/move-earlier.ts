import { enteringIf } from './transitions.ts';

/**
 * SQL: whether the workflow of an act sleeps beyond the act's new moment and has to be told. A test clock compares by
 * itself.
 *
 * @param dueAt SQL of the new moment.
 */
export const sleepsBeyond = (dueAt: string): string =>
  `acts.state = 'waiting' and ${dueAt} < acts.due_at and not (acts.argument->>'frozen')::boolean`;

/** SQL: the columns of an act whose workflow is told to look at its new moment, where the condition holds. */
export const toldIf = (condition: string): string =>
  `state = ${enteringIf(condition, 'moveEarlier')}, verb = case when ${condition} then 'signal' else acts.verb end`;
