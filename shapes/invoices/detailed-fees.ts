import type { EntityManager } from '@mikro-orm/postgresql';
import { Customer } from '../../db/entities/customers/customer.ts';
import { Fee } from '../../db/entities/invoices/fee.ts';
import { Invoice } from '../../db/entities/invoices/invoice.ts';
import { rowsById } from '../../db/queries/rows-by-id.ts';
import { loadBilled, loadFees } from './load-fees.ts';

/**
 * Fees by themselves, in their order; the number of queries does not grow with them.
 *
 * @param now the organization's clock.
 */
export async function detailedFees(em: EntityManager, fees: readonly Fee[], now: Date) {
  const ids = fees.map(({ id }) => id);
  const invoices = await rowsById(
    em,
    Invoice,
    fees.map(({ invoiceId }) => invoiceId),
  );
  const customers = await rowsById(
    em,
    Customer,
    fees.map(({ customerId }) => customerId),
  );
  const mayHaveTrueUps = fees.some(({ feeType, eventId }) => feeType === 'charge' && eventId == null);
  const trueUps = mayHaveTrueUps ? await em.find(Fee, { trueUpParentFeeId: ids }) : [];
  const shown = await loadFees(em, [...fees, ...trueUps], await loadBilled(em, fees, now));
  return fees.map((fee) => {
    const customer = customers.get(fee.customerId)!;
    const invoice = invoices.get(fee.invoiceId ?? '');
    return shown(fee, { customer, selfBilled: invoice?.selfBilled ?? customer.accountType === 'partner' });
  });
}
