import type { ChargeKind } from './charge-window.ts';
import type { InvoicedWindow } from './time-zone-change.ts';

/** The newest window of each kind of charges that was invoiced for a subscription; null: none was. */
export type LastWindows = Readonly<Record<ChargeKind, InvoicedWindow | null>>;

export const NO_WINDOWS: LastWindows = { charges: null, fixedCharges: null };
