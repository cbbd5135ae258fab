import { acts } from './acts.ts';
import { chargesInAdvance } from './charges-in-advance.ts';
import type { Check } from './check.ts';
import { coupons } from './coupons.ts';
import { creditNotes } from './credit-notes.ts';
import { numbers } from './numbers.ts';
import { once } from './once.ts';
import { rollups } from './rollups.ts';
import { tenancy } from './tenancy.ts';
import { taxes } from './taxes.ts';
import { totals } from './totals.ts';
import { windows } from './windows.ts';

/** Everything that an audit looks at, in this order. A new check is a file of its own and a name here. */
export const checks: readonly Check[] = [
  once,
  windows,
  totals,
  taxes,
  coupons,
  creditNotes,
  chargesInAdvance,
  numbers,
  acts,
  tenancy,
  rollups,
];
