import type { EntityManager } from '@mikro-orm/postgresql';
import {
  isEuTaxDue,
  resolveEuTax,
  taxCodesOfCustomer,
  type EuTaxDecision,
} from '../../billing/taxes/resolve-eu-tax.ts';
import type { WantedAct } from '../../db/acts/act.ts';
import type { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { ViesCheck } from '../../db/entities/taxes/vies-check.ts';
import { taxesOf } from '../../db/queries/taxes/attached-taxes.ts';
import type { BillingScope } from '../command-scope.ts';
import { applyCustomerTaxes } from './apply-customer-taxes.ts';
import { endViesChecks, wantViesCheck } from './vies-checks.ts';

/** What of a customer decides on its taxes. */
export const taxFactsOf = (customer: Customer) => ({
  country: customer.country ?? null,
  zipcode: customer.zipcode ?? null,
  taxIdentificationNumber: customer.taxIdentificationNumber ?? null,
  billingEntityId: customer.billingEntityId,
});

/** A customer that is flushed, and what is said of its taxes. */
export interface SaveCustomerTaxes {
  /** null: it is new. */
  readonly before: ReturnType<typeof taxFactsOf> | null;
  readonly customer: Customer;
  /** Its billing entity of now. */
  readonly entity: BillingEntity;
  /** Codes that the request gives; null: it says nothing of taxes. */
  readonly given: readonly string[] | null;
}

/**
 * Gives a saved customer its taxes in the caller's transaction, who holds its lock if it is not new: those that the
 * request names, and under EU tax management the one that follows from its address and number, at once or when VIES has
 * answered (spec, money 1.7).
 *
 * @returns the acts it wrote.
 * @throws Refusal 404 `tax_not_found`.
 */
export async function saveCustomerTaxes(
  em: EntityManager,
  scope: BillingScope,
  { before, customer, entity, given }: SaveCustomerTaxes,
): Promise<readonly WantedAct[]> {
  const after = taxFactsOf(customer);
  const billingEntityChanged = before !== null && before.billingEntityId !== after.billingEntityId;
  if (given === null && !entity.euTaxManagement && !billingEntityChanged) return [];
  const current = before === null ? [] : (await taxesOf(em, customer)).map(({ code }) => code);
  const decision =
    entity.euTaxManagement && isEuTaxDue({ before, after, taxCodes: current })
      ? resolveEuTax({ customer: after, billingEntityCountry: entity.country ?? null })
      : null;
  const codes = taxCodesOfCustomer({ given, decision, current, billingEntityChanged });
  const decided = decision?.kind === 'tax' ? decision.code : null;
  const flagging =
    codes === null ? [] : await applyCustomerTaxes(em, scope, { customerId: customer.id, codes, decided });
  return [...flagging, ...(await settleCheck(em, scope, { before, after, customer, entity, decision }))];
}

interface CheckChange {
  readonly before: ReturnType<typeof taxFactsOf> | null;
  readonly after: ReturnType<typeof taxFactsOf>;
  readonly customer: Customer;
  readonly entity: BillingEntity;
  readonly decision: EuTaxDecision | null;
}

/** Starts, starts anew or ends the check of the customer's number; one that asks for the same goes on. */
async function settleCheck(
  em: EntityManager,
  scope: BillingScope,
  { before, after, customer, entity, decision }: CheckChange,
): Promise<readonly WantedAct[]> {
  if (decision?.kind === 'check') {
    const asksForTheSame = before !== null && isSame(before, after);
    const pending = asksForTheSame ? await em.count(ViesCheck, { customerId: customer.id, answeredAt: null }) : 0;
    return pending > 0 ? [] : wantViesCheck(em, scope, customer);
  }
  const isOver = decision !== null || !entity.euTaxManagement;
  return isOver && before !== null ? endViesChecks(em, scope, { customerId: customer.id }) : [];
}

const isSame = (one: ReturnType<typeof taxFactsOf>, other: ReturnType<typeof taxFactsOf>): boolean =>
  one.taxIdentificationNumber === other.taxIdentificationNumber &&
  one.country === other.country &&
  one.zipcode === other.zipcode &&
  one.billingEntityId === other.billingEntityId;
