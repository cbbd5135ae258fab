import { describe, expect, test } from '@jest/globals';
import { Decimal } from '../../../billing/money/decimal.ts';
import { isMadeWith, type TaxOfNow } from '../../../billing/taxes/made-with.ts';
import { exampleTax } from './example-taxes.ts';

const VAT = exampleTax('vat', '20');
const LOCAL = exampleTax('local', '5');
const now = (tax: typeof VAT, change: Partial<TaxOfNow> = {}): TaxOfNow => ({
  ...tax,
  isDeleted: false,
  isOnEntity: false,
  ...change,
});

describe('a draft made with a tax', () => {
  const made = { applied: [VAT], ofBillingEntity: [] };

  test('says what it would say now', () => {
    expect(isMadeWith(made, [now(VAT)])).toBe(true);
    expect(isMadeWith(made, [now({ ...VAT, rate: new Decimal('20.0') })])).toBe(true);
    expect(isMadeWith({ applied: [], ofBillingEntity: [] }, [])).toBe(true);
  });

  test.each<[string, Partial<TaxOfNow>]>([
    ['another rate', { rate: new Decimal(21) }],
    ['another name', { name: 'TVA' }],
    ['another code', { code: 'tva' }],
    ['another description', { description: 'of now' }],
    ['been deleted', { isDeleted: true }],
  ])('says what is old once it has %s', (_about, change) => {
    expect(isMadeWith(made, [now(VAT, change)])).toBe(false);
  });

  test('says what is old once the tax is gone, or the entity has got or lost one', () => {
    expect(isMadeWith(made, [])).toBe(false);
    expect(isMadeWith(made, [now(VAT), now(LOCAL, { isOnEntity: true })])).toBe(false);
    const ofEntity = { applied: [VAT], ofBillingEntity: [VAT.taxId!] };
    expect(isMadeWith(ofEntity, [now(VAT, { isOnEntity: true })])).toBe(true);
    expect(isMadeWith(ofEntity, [now(VAT)])).toBe(false);
  });
});
