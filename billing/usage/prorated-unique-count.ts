import type { ChargeUsage, ProratedStep } from '../charges/charge-amount.ts';
import { Decimal, roundUp, ZERO } from '../money/decimal.ts';
import { localDay, PRORATED_DIGITS } from './proration.ts';
import type { UsagePeriod } from './usage-period.ts';
import { comesBefore, type UniqueCountTotals, type UniqueOperation } from './usage-totals.ts';

const ONE = new Decimal(1);

/**
 * Values that count for the days on which they were active, the first and the last one included, out of those of the
 * whole period (spec, usage 5.4).
 *
 * From 9 July to 8 August, 31 days: one from before, and one added on 19 July: 1 + 21 / 31 = 1.67742 of 2 units.
 */
export function proratedUniqueCount(
  { activeCount, operations = [] }: UniqueCountTotals,
  period: UsagePeriod,
): ChargeUsage {
  const values = Map.groupBy(operations, ({ value }) => value);
  const steps = [...values.values()].flatMap((ofValue) => stepsOf(ofValue, period));
  const inOrder = steps.toSorted((one, other) => (comesBefore(one.operation, other.operation) ? -1 : 1));
  return {
    units: roundUp(
      inOrder.reduce((sum, { prorated }) => sum.plus(prorated), ZERO),
      PRORATED_DIGITS,
    ),
    fullUnits: new Decimal(activeCount.toString()),
    eventsCount: activeCount < 0n ? 0n : activeCount,
    proratedSteps: inOrder.map(({ full, prorated }) => ({ full, prorated })),
  };
}

interface OperationStep extends ProratedStep {
  readonly operation: UniqueOperation;
}

/** What the operations of one value come to. */
function stepsOf(operations: readonly UniqueOperation[], period: UsagePeriod): readonly OperationStep[] {
  const changes = changesOf(operations, period);
  return changes.map((operation, index) => {
    if (operation.operation !== 'add') return { operation, full: ONE.negated(), prorated: ZERO };
    const active = activeDays(operation, changes[index + 1], period);
    return { operation, full: ONE, prorated: new Decimal(active).div(period.days) };
  });
}

/** The oldest first, without those that change nothing: a value that comes back on the day it went was never away. */
function changesOf(operations: readonly UniqueOperation[], { timeZone }: UsagePeriod): readonly UniqueOperation[] {
  const inOrder = operations.toSorted((one, other) => (comesBefore(one, other) ? -1 : 1));
  const lastAdds = new Map<number, UniqueOperation>();
  for (const one of inOrder) if (one.operation === 'add') lastAdds.set(localDay(one.at, timeZone), one);
  const isUndone = (one: UniqueOperation): boolean => {
    const lastAdd = one.operation === 'remove' ? lastAdds.get(localDay(one.at, timeZone)) : undefined;
    return lastAdd !== undefined && comesBefore(one, lastAdd);
  };
  let before = 'remove';
  return inOrder.filter((one) => {
    if (isUndone(one) || one.operation === before) return false;
    before = one.operation;
    return true;
  });
}

function activeDays(add: UniqueOperation, next: UniqueOperation | undefined, period: UsagePeriod): number {
  const { from, to, timeZone, isEndedByUpgrade } = period;
  const start = BigInt(from.getTime()) * 1000n;
  if (next && next.at < start) return 0;
  const firstDay = Math.max(localDay(add.at, timeZone), localDay(from, timeZone));
  const lastDay = localDay(next?.at ?? to, timeZone);
  // The day of an upgrade is the next plan's, for what was there before the period.
  const isPassedOn = isEndedByUpgrade && next === undefined && add.at < start;
  return Math.max(lastDay - firstDay + (isPassedOn ? 0 : 1), 0);
}
