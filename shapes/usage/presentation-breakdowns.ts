import { z } from 'zod';
import { Decimal, plainDecimal } from '../../billing/money/decimal.ts';
import { presentedBy, type PresentedUnits, type Presentation } from '../../billing/usage/presentation.ts';
import type { StoredPresentation } from '../../db/entities/invoices/fee.ts';

/** Units by values of properties (spec, usage 4.5). */
export const presentationBreakdownsSchema = z.array(
  z
    .strictObject({
      presentation_by: z.record(z.string(), z.string().nullable()).meta({ examples: [{ region: 'eu' }] }),
      units: z.string().meta({ examples: ['10.0'] }),
    })
    .meta({ id: 'PresentationBreakdown' }),
);
type PresentationBreakdowns = z.infer<typeof presentationBreakdownsSchema>;

const breakdownsJson = (parts: readonly PresentedUnits[]): PresentationBreakdowns =>
  parts.map(({ by, units }) => ({ presentation_by: { ...by }, units: plainDecimal(units) }));

/** What a fee shows: the keys that are for invoices, summed over the others. */
export const presentationOnInvoice = (stored: StoredPresentation | null): PresentationBreakdowns =>
  breakdownsJson(stored === null ? [] : presentedBy(stored.parts.map(fromStored), stored.keysOnInvoice));

/** How a stored fee's units are shown apart. */
export const storedPresentation = ({ keysOnInvoice, parts }: StoredPresentation): Presentation => ({
  keysOnInvoice,
  parts: parts.map(fromStored),
});

const fromStored = ({ by, units }: StoredPresentation['parts'][number]): PresentedUnits => ({
  by,
  units: new Decimal(units),
});

/** What usage shows: every key, of several fees of a charge together. */
export const presentationOfUsage = (parts: readonly PresentedUnits[]): PresentationBreakdowns =>
  breakdownsJson(presentedBy(parts, Object.keys(parts[0]?.by ?? {})));
