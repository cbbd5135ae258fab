import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { effectivePaymentMethod, invoicingGroups } from '../../../billing/invoices/invoicing-group.ts';
import type { DueSubscription } from '../../../billing/invoices/invoicing-group.ts';

const due = (subscriptionId: string, change: Partial<DueSubscription> = {}): DueSubscription => ({
  subscriptionId,
  paymentMethod: { id: null, type: 'provider' },
  currency: 'EUR',
  billingEntityId: 'entity-1',
  consolidateInvoice: true,
  purchaseOrderNumber: null,
  ...change,
});

const membersOf = (subscriptions: readonly DueSubscription[], defaultMethod: string | null = null): readonly string[] =>
  invoicingGroups(subscriptions, defaultMethod)
    .map((group) => group.subscriptionIds.join('+'))
    .toSorted();

describe('effective payment method', () => {
  // Spec, subscriptions-and-invoices 4.2.
  test.each([
    ['named by the subscription', { id: 'pm-1', type: 'provider' }, 'pm-0', { id: 'pm-1', type: 'provider' }],
    ['named, and by hand', { id: 'pm-1', type: 'manual' }, 'pm-0', { id: 'pm-1', type: 'manual' }],
    ['by hand', { id: null, type: 'manual' }, 'pm-0', { id: null, type: 'manual' }],
    ['the customer’s default', { id: null, type: 'provider' }, 'pm-0', { id: 'pm-0', type: 'provider' }],
    ['none', { id: null, type: 'provider' }, null, { id: null, type: 'provider' }],
  ] as const)('%s', (_, own, defaultMethod, effective) => {
    expect(effectivePaymentMethod(own, defaultMethod)).toEqual(effective);
  });
});

describe('subscriptions that share an invoice', () => {
  test('nothing is due, no invoice', () => {
    expect(invoicingGroups([], null)).toEqual([]);
  });

  test('everything alike is on one', () => {
    expect(invoicingGroups([due('b'), due('a')], 'pm-0')).toEqual([
      {
        key: '["provider","pm-0","EUR","entity-1",null,null]',
        paymentMethod: { id: 'pm-0', type: 'provider' },
        currency: 'EUR',
        billingEntityId: 'entity-1',
        purchaseOrderNumber: null,
        subscriptionIds: ['a', 'b'],
      },
    ]);
  });

  test.each([
    ['payment method', { paymentMethod: { id: 'pm-1', type: 'provider' } }],
    ['payment by hand', { paymentMethod: { id: null, type: 'manual' } }],
    ['currency', { currency: 'USD' }],
    ['billing entity', { billingEntityId: 'entity-2' }],
    ['purchase order number', { purchaseOrderNumber: 'PO-1' }],
    ['purchase order number that is empty', { purchaseOrderNumber: '' }],
  ] as const)('another %s is another invoice', (_, change) => {
    expect(membersOf([due('a'), due('b', change), due('c'), due('d', change)])).toEqual(['a+c', 'b+d']);
  });

  test('one that is not consolidated stands alone, the others stay together', () => {
    const alone = { consolidateInvoice: false };
    expect(membersOf([due('a', alone), due('b'), due('c', alone), due('d')])).toEqual(['a', 'b+d', 'c']);
  });

  test('naming the default method is the same as naming none', () => {
    const named = due('b', { paymentMethod: { id: 'pm-0', type: 'provider' } });
    expect(membersOf([due('a'), named], 'pm-0')).toEqual(['a+b']);
    expect(membersOf([due('a'), named], 'pm-1')).toEqual(['a', 'b']);
  });
});

describe('groups, property', () => {
  const text = fc.constantFrom('', 'null', '"', '",null,"', 'a', 'b');
  const facts = fc.record({
    paymentMethod: fc.record({ id: fc.option(text), type: fc.constantFrom('provider' as const, 'manual' as const) }),
    currency: fc.constantFrom('EUR' as const, 'USD' as const),
    billingEntityId: text,
    consolidateInvoice: fc.boolean(),
    purchaseOrderNumber: fc.option(text),
  });
  const subscriptions = fc
    .array(facts, { maxLength: 8 })
    .map((list) => list.map((fact, at): DueSubscription => ({ subscriptionId: `s${at}`, ...fact })));
  const shuffled = subscriptions.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.option(text)),
  );

  test('the order of the subscriptions changes nothing', () => {
    fc.assert(
      fc.property(shuffled, ([list, other, defaultMethod]) => {
        expect(invoicingGroups(other, defaultMethod)).toEqual(invoicingGroups(list, defaultMethod));
      }),
    );
  });

  test('two share an invoice exactly when the five rules say so', () => {
    fc.assert(
      fc.property(subscriptions, fc.option(text), (list, defaultMethod) => {
        const groups = invoicingGroups(list, defaultMethod);
        const groupOf = (id: string): string | undefined =>
          groups.find(({ subscriptionIds }) => subscriptionIds.includes(id))?.key;
        for (const one of list) {
          for (const other of list) {
            const methods = [one, other].map(({ paymentMethod }) =>
              effectivePaymentMethod(paymentMethod, defaultMethod),
            );
            const together =
              one === other ||
              (methods[0]?.id === methods[1]?.id &&
                methods[0]?.type === methods[1]?.type &&
                one.currency === other.currency &&
                one.billingEntityId === other.billingEntityId &&
                one.purchaseOrderNumber === other.purchaseOrderNumber &&
                one.consolidateInvoice &&
                other.consolidateInvoice);
            expect(groupOf(one.subscriptionId) === groupOf(other.subscriptionId)).toBe(together);
          }
        }
      }),
    );
  });

  test('a key stays when others of its group are billed already', () => {
    fc.assert(
      fc.property(subscriptions, (list) => {
        const keys = new Set(invoicingGroups(list, null).map(({ key }) => key));
        for (const group of invoicingGroups(list.slice(1), null)) expect(keys).toContain(group.key);
      }),
    );
  });
});
