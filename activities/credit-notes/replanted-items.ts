import type { RowOf } from '../../db/kysely.ts';
import type { FeePlace, UprootedRow } from '../../db/queries/invoices/write-invoices.ts';
import type { UprootedItems } from './follow-draft.ts';

/** What credit notes took from a draft's fees, each with the fee that is in the place of its own now. */
export function replantedItems(uprooted: readonly UprootedRow[], fees: readonly RowOf<'fees'>[]): UprootedItems {
  const idOf = new Map(
    fees.map((fee) => [placeOf({ ...fee, isTrueUp: fee.trueUpParentFeeId !== null }), fee.id] as const),
  );
  const items = uprooted.map(({ creditNoteId, preciseAmountCents, fee }) => ({
    creditNoteId,
    preciseAmountCents,
    feeAmountCents: fee.amountCents,
    feeId: idOf.get(placeOf(fee)) ?? null,
  }));
  return Map.groupBy(items, ({ creditNoteId }) => creditNoteId);
}

/** Groups are compared by their keys, in whatever order they come. */
const placeOf = ({ feeType, subscriptionId, chargeId, chargeFilterId, addOnId, isTrueUp, groupedBy }: FeePlace) => {
  const groups = Object.entries(groupedBy).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([feeType, subscriptionId, chargeId, chargeFilterId, addOnId, isTrueUp, groups]);
};
