import type { Tax } from './tax.ts';

/** The taxes that a draft was made with, as far as somebody may change them before it is stored. */
export interface MadeWithTaxes {
  /** The copies that are on it. */
  readonly applied: readonly Tax[];
  /** Ids of those of the customer's billing entity, on it or not. */
  readonly ofBillingEntity: readonly string[];
}

/** One of these taxes, or another of the entity's, as it is once the draft is stored. */
export interface TaxOfNow extends Tax {
  readonly isDeleted: boolean;
  readonly isOnEntity: boolean;
}

/**
 * Whether a draft that is just made says what it would say now: whoever changed a tax meanwhile has not found it.
 *
 * Made with VAT at 20 %, which is at 21 % when it is stored: no.
 */
export function isMadeWith({ applied, ofBillingEntity }: MadeWithTaxes, now: readonly TaxOfNow[]): boolean {
  const byId = new Map(now.map((tax) => [tax.taxId, tax]));
  const onEntity = now.filter(({ isOnEntity }) => isOnEntity).map(({ taxId }) => taxId);
  return (
    applied.every((copy) => isCopyOf(copy, byId.get(copy.taxId))) &&
    onEntity.length === ofBillingEntity.length &&
    ofBillingEntity.every((id) => onEntity.includes(id))
  );
}

const isCopyOf = (copy: Tax, tax: TaxOfNow | undefined): boolean =>
  tax !== undefined &&
  !tax.isDeleted &&
  tax.code === copy.code &&
  tax.name === copy.name &&
  tax.description === copy.description &&
  tax.rate.eq(copy.rate);
