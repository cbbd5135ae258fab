import { describe, expect, test } from '@jest/globals';
import { endOfRotated, isExpired } from '../../../billing/api-keys/key-life.ts';
import { everyPermission, refuseMoreThanOwn, type Permissions } from '../../../billing/api-keys/permissions.ts';
import { forbidden } from '../../../billing/refusal.ts';

describe('permissions', () => {
  test('of a restricted key name every resource', () => {
    const { plan, invoice } = everyPermission({ plan: ['write', 'read'] });
    expect({ plan, invoice }).toEqual({ plan: ['read', 'write'], invoice: [] });
  });

  test('of a key without restrictions are all', () => {
    expect(new Set(Object.values(everyPermission(null)).map((modes) => modes.join()))).toEqual(new Set(['read,write']));
  });

  test.each<[Permissions, Permissions]>([
    [null, null],
    [null, { plan: ['read'] }],
    [{ plan: ['read', 'write'] }, { plan: ['read'] }],
    [{ plan: ['read'] }, {}],
  ])('%j may give %j', (own, asked) => {
    expect(() => refuseMoreThanOwn(own, asked)).not.toThrow();
  });

  test.each<[Permissions, Permissions, string]>([
    [{ plan: ['read'] }, { plan: ['read', 'write'] }, 'write_action_not_allowed_for_plan'],
    [{ plan: ['read'] }, { invoice: ['read'] }, 'read_action_not_allowed_for_invoice'],
    [{ plan: ['read'] }, null, 'read_action_not_allowed_for_activity_log'],
  ])('%j may not give %j', (own, asked, code) => {
    expect(() => refuseMoreThanOwn(own, asked)).toThrow(forbidden(code));
  });
});

describe('the life of a key', () => {
  const [early, now, late] = ['2026-05-09', '2026-05-10', '2026-05-20'].map((day) => new Date(day)) as [
    Date,
    Date,
    Date,
  ];

  test.each([
    [null, false],
    [early, true],
    [now, true],
    [late, false],
  ])('one that ends at %p is over: %p', (expiresAt, over) => {
    expect(isExpired(expiresAt, now)).toBe(over);
  });

  test.each([
    ['at once', null, null, now],
    ['as asked', null, late, late],
    ['not later than by itself', now, late, now],
    ['earlier than by itself', late, null, now],
  ])('a rotated one ends %s', (_, own, asked, end) => {
    expect(endOfRotated(own, asked, now)).toEqual(end);
  });
});
