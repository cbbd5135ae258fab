import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import { applicableTimeZone } from '../../billing/calendar/applicable-time-zone.ts';
import { localDate } from '../../billing/calendar/local-date.ts';
import { NO_COUPONS } from '../../billing/coupons/applied-coupon.ts';
import { customerSettings } from '../../billing/customers/customer-facts.ts';
import { calculateInvoice } from '../../billing/invoices/calculate-invoice.ts';
import type { CalculatedInvoice } from '../../billing/invoices/invoice.ts';
import { oneOffFees, type OneOffFeeCommand } from '../../billing/invoices/one-off-fees.ts';
import { taxedParties } from '../../billing/invoices/planned-invoice.ts';
import { isCurrency, type Currency } from '../../billing/money/currency.ts';
import { invalid, notFound } from '../../billing/refusal.ts';
import { AddOn } from '../../db/entities/add-ons/add-on.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { findBillingEntity } from '../../db/queries/organizations/billing-entities.ts';
import { taxesByCode } from '../../db/queries/taxes/taxes-by-code.ts';
import { taxesForBilling } from '../../db/queries/taxes/taxes-for-billing.ts';
import type { BillingScope } from '../command-scope.ts';
import { holdCustomer } from '../customers/hold-customer.ts';
import { taxesOfParties, withTaxes } from './facts/load-tax-facts.ts';
import { saveInvoices } from './save-invoices.ts';

export interface CreateOneOffInvoice {
  readonly externalCustomerId: string;
  /** null: the customer's. */
  readonly currency: Currency | null;
  /** null: the customer's. */
  readonly billingEntityCode: string | null;
  readonly purchaseOrderNumber: string | null;
  readonly fees: readonly OneOffFeeCommand[];
}

/**
 * Makes a one-off invoice in the caller's transaction: no coupons, credits or grace period; final at once, unless its
 * taxes are not known yet (spec, subscriptions-and-invoices 9; money 1.7).
 *
 * @throws Refusal 404 `customer_not_found`, `billing_entity_not_found`, as `oneOffFees`; 422 `currency:
 * value_is_mandatory`, `lock_acquisition_failed`.
 */
export async function createOneOffInvoice(
  em: EntityManager,
  scope: BillingScope,
  command: CreateOneOffInvoice,
): Promise<{ readonly invoiceId: string; readonly status: CalculatedInvoice['status'] }> {
  const { organizationId, now } = scope;
  const { fees } = command;
  const addOns = await em.find(AddOn, { code: { $in: fees.map(({ addOnCode }) => addOnCode) }, deletedAt: null });
  const codes = fees.flatMap(({ taxCodes }) => taxCodes ?? []);
  const customer = await holdCustomer(em, command.externalCustomerId);
  if (!customer) throw notFound('customer');
  const ownEntity = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const { billingEntityCode } = command;
  const billingEntity = billingEntityCode === null ? ownEntity : await findBillingEntity(em, billingEntityCode);
  const lines = oneOffFees(
    fees,
    new Map(addOns.map((addOn) => [addOn.code, addOn])),
    await taxesByCode(em, codes),
    now,
  );
  const currency = currencyOf(command, customer);
  // The first invoice settles it.
  if (customer.currency == null) em.assign(customer, { currency, updatedAt: now });
  await em.flush();
  const parties = taxedParties(customer);
  const addOnIds = addOns.map(({ id }) => id);
  const found = await taxesForBilling(em, organizationId, [customer.id, ownEntity.id, ...addOnIds]);
  const timeZone = applicableTimeZone(customer, ownEntity);
  const calculated = calculateInvoice({
    invoiceType: 'one_off',
    currency,
    timeZone,
    billingInstant: now,
    day: localDate(now, timeZone),
    finalizedOn: null,
    isMadeAgain: false,
    awaitedTaxes: false,
    recurring: false,
    customer: customerSettings(customer),
    billingEntity,
    coupons: NO_COUPONS,
    creditNotes: [],
    taxes: {
      ...taxesOfParties(parties, found),
      ofPlans: new Map(),
      ofCharges: new Map(),
      ofAddOns: withTaxes(
        addOnIds.map((id) => [id, id]),
        found,
      ),
    },
    addOns: lines,
    subscriptions: [],
  });
  const invoiceId = v7();
  const { purchaseOrderNumber } = command;
  const place = {
    invoiceId,
    customer,
    billingEntity,
    purchaseOrderNumber,
    isNew: true,
    now,
    hasTestClock: scope.hasTestClock,
  };
  await saveInvoices(em, organizationId, [{ place, calculated }]);
  return { invoiceId, status: calculated.status };
}

function currencyOf({ currency }: CreateOneOffInvoice, customer: Customer): Currency {
  const chosen = currency ?? customer.currency;
  if (!isCurrency(chosen)) throw invalid({ currency: ['value_is_mandatory'] });
  return chosen;
}
