import type { EntityManager } from '@mikro-orm/postgresql';
import { generatedTaxes } from '../../billing/taxes/eu-taxes.ts';
import { codeWithoutVies } from '../../billing/taxes/resolve-eu-tax.ts';
import { Decimal } from '../../billing/money/decimal.ts';
import type { Tax } from '../../billing/taxes/tax.ts';
import { BillingEntity } from '../../db/entities/organizations/billing-entity.ts';
import type { Customer } from '../../db/entities/customers/customer.ts';
import { taxesByCode } from '../../db/queries/taxes/taxes-by-code.ts';
import { taxFactsOf } from './save-customer-taxes.ts';

/**
 * The tax of a customer whose number is being checked, for what cannot wait for the answer: the one of whoever has no
 * number (S064). Where somebody has deleted that tax its rate of today counts.
 */
export async function taxForNow(em: EntityManager, customer: Customer, now: Date): Promise<Tax> {
  const { country } = await em.findOneOrFail(BillingEntity, { id: customer.billingEntityId });
  const code = codeWithoutVies({ customer: taxFactsOf(customer), billingEntityCountry: country ?? null });
  const tax = (await taxesByCode(em, [code])).get(code);
  if (tax) return tax;
  const generated = generatedTaxes(now.toISOString().slice(0, 10)).find((one) => one.code === code)!;
  return { ...generated, taxId: null, rate: new Decimal(generated.rate) };
}
