import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  codeOfValidNumber,
  codeWithoutVies,
  isEuTaxDue,
  resolveEuTax,
  taxCodesOfCustomer,
  type EuTaxCustomer,
} from '../../../billing/taxes/resolve-eu-tax.ts';

const NOBODY: EuTaxCustomer = { country: null, zipcode: null, taxIdentificationNumber: null };
const ofFrance = (customer: Partial<EuTaxCustomer>) => ({
  customer: { ...NOBODY, ...customer },
  billingEntityCountry: 'FR',
});

/** What the facts table calls VIES. */
type Vies = 'not asked' | 'not found' | { readonly valid: string };

/** The code in the end, with the answer of VIES where it is asked. */
function codeOf(customer: Partial<EuTaxCustomer>, vies: Vies): string {
  const facts = ofFrance(customer);
  const decision = resolveEuTax(facts);
  if (decision.kind === 'tax') return vies === 'not asked' ? decision.code : `${decision.code}, and VIES is not asked`;
  if (vies === 'not asked') return 'VIES is asked';
  return vies === 'not found' ? codeWithoutVies(facts) : codeOfValidNumber(vies.valid, facts);
}

describe('the facts of EU taxes, for a French entity (spec, money 1.7)', () => {
  test.each<[Partial<EuTaxCustomer>, Vies, string]>([
    [{ country: 'DE' }, 'not asked', 'lago_eu_de_standard'],
    [{}, 'not asked', 'lago_eu_fr_standard'],
    [{ country: 'US' }, 'not asked', 'lago_eu_tax_exempt'],
    [{ taxIdentificationNumber: 'FR12345678901' }, { valid: 'FR' }, 'lago_eu_fr_standard'],
    [{ taxIdentificationNumber: 'FR12345678901', zipcode: '97440' }, { valid: 'FR' }, 'lago_eu_fr_exception_reunion'],
    [{ taxIdentificationNumber: 'DE123456789' }, { valid: 'DE' }, 'lago_eu_reverse_charge'],
    [{ country: 'DE', taxIdentificationNumber: 'DE123456789' }, 'not found', 'lago_eu_de_standard'],
    [{ country: 'ES', zipcode: '350 01' }, 'not asked', 'lago_eu_es_exception_canary_islands'],
    [{ country: 'FR', zipcode: '97410' }, 'not asked', 'lago_eu_fr_standard'],
    [
      { country: 'FR', zipcode: '97410', taxIdentificationNumber: 'FR12345678901' },
      'not asked',
      'lago_eu_fr_exception_reunion',
    ],
    [{ country: 'IT', taxIdentificationNumber: 'IT123' }, 'not found', 'lago_eu_it_standard'],
    [
      { country: 'ES', zipcode: '35001', taxIdentificationNumber: 'ESB12345678' },
      'not asked',
      'lago_eu_es_exception_canary_islands',
    ],
    [{ country: 'FR', zipcode: '97410', taxIdentificationNumber: '123' }, 'not found', 'lago_eu_fr_standard'],
    [{ country: '', taxIdentificationNumber: '  ' }, 'not asked', 'lago_eu_fr_standard'],
    [{ country: 'US', taxIdentificationNumber: 'US1' }, 'not found', 'lago_eu_tax_exempt'],
  ])('%o, VIES %o: %s', (customer, vies, code) => {
    expect(codeOf(customer, vies)).toBe(code);
  });

  test('Greece is EL for VIES and GR everywhere else', () => {
    const greek = { customer: { ...NOBODY, zipcode: '63086' }, billingEntityCountry: 'GR' };
    expect(codeOfValidNumber('EL', greek)).toBe('lago_eu_gr_exception_mount_athos');
    expect(codeOfValidNumber('EL', { customer: NOBODY, billingEntityCountry: 'GR' })).toBe('lago_eu_gr_standard');
    expect(codeOfValidNumber('EL', ofFrance({}))).toBe('lago_eu_reverse_charge');
  });

  test('an entity that has left the union exempts whoever says no country', () => {
    expect(codeWithoutVies({ customer: NOBODY, billingEntityCountry: 'US' })).toBe('lago_eu_tax_exempt');
  });
});

describe('when it is decided anew (spec, money 1.7)', () => {
  const customer = { country: 'IT', zipcode: '00146', taxIdentificationNumber: 'IT10000000001', billingEntityId: 'e1' };
  const taxCodes = ['lago_eu_it_standard'];

  test('for a new customer, and for one without a tax; not while it has one set by hand (S066)', () => {
    expect(isEuTaxDue({ before: null, after: customer, taxCodes: ['banking'] })).toBe(true);
    expect(isEuTaxDue({ before: customer, after: customer, taxCodes: [] })).toBe(true);
    expect(isEuTaxDue({ before: customer, after: customer, taxCodes: ['banking'] })).toBe(false);
    expect(isEuTaxDue({ before: customer, after: { ...customer, country: 'FR' }, taxCodes: ['banking'] })).toBe(true);
  });

  test.each([
    { country: 'FR' },
    { country: null },
    { zipcode: '00147' },
    { taxIdentificationNumber: null },
    { billingEntityId: 'e2' },
  ])('when it changes to %o', (change) => {
    expect(isEuTaxDue({ before: customer, after: { ...customer, ...change }, taxCodes })).toBe(true);
    expect(isEuTaxDue({ before: customer, after: customer, taxCodes })).toBe(false);
  });
});

describe('what taxes a saved customer has (spec, money 1.7)', () => {
  const nothing = {
    given: null,
    decision: null,
    current: ['banking', 'lago_eu_fr_standard'],
    billingEntityChanged: false,
  };
  const tax = { kind: 'tax', code: 'lago_eu_de_standard' } as const;

  test.each([
    ['nothing is said', nothing, null],
    ['codes are given', { ...nothing, given: ['banking'] }, ['banking']],
    ['none are given', { ...nothing, given: [] }, []],
    ['it is decided', { ...nothing, decision: tax }, ['lago_eu_de_standard']],
    [
      'it is decided and codes are given',
      { ...nothing, decision: tax, given: ['banking'] },
      ['banking', 'lago_eu_de_standard'],
    ],
    [
      'the decided one is given',
      { ...nothing, decision: tax, given: ['lago_eu_de_standard'] },
      ['lago_eu_de_standard'],
    ],
    ['VIES is asked', { ...nothing, decision: { kind: 'check' } as const }, null],
    [
      'VIES is asked and codes are given',
      { ...nothing, decision: { kind: 'check' } as const, given: ['banking'] },
      ['banking'],
    ],
    ['the entity changes', { ...nothing, billingEntityChanged: true }, ['banking']],
    ['the entity changes and codes are given', { ...nothing, billingEntityChanged: true, given: ['x'] }, ['x']],
    [
      'the entity changes and VIES is asked',
      { ...nothing, billingEntityChanged: true, decision: { kind: 'check' } as const },
      ['banking'],
    ],
  ])('%s', (_about, change, codes) => {
    expect(taxCodesOfCustomer(change)).toEqual(codes);
  });

  test('a decided tax is always among them, once', () => {
    const codes = fc.array(fc.constantFrom('a', 'b', tax.code));
    fc.assert(
      fc.property(fc.option(codes), codes, fc.boolean(), (given, current, billingEntityChanged) => {
        const after = taxCodesOfCustomer({ given, decision: tax, current, billingEntityChanged }) ?? [];
        expect(after.filter((code) => code === tax.code)).toHaveLength(1);
      }),
    );
  });
});
