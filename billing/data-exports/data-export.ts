/** What can be exported (spec, api 5.1). */
export const RESOURCE_TYPES = ['invoices', 'invoice_fees', 'credit_notes', 'credit_note_items'] as const;
export type ResourceType = (typeof RESOURCE_TYPES)[number];

export const EXPORT_FORMATS = ['csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** `canceled` is ours: somebody did not want it any more. The others are spec, api 5.1. */
export const EXPORT_STATUSES = ['pending', 'processing', 'completed', 'failed', 'canceled'] as const;
export type ExportStatus = (typeof EXPORT_STATUSES)[number];

/** How long a file and its link can be had (spec, api 5.2). */
const LIFE_DAYS = 7;

const DAY_MS = 86_400_000;

/**
 * When a file that was completed at this moment goes.
 *
 * @example expiresAt(new Date('2024-03-05T10:00:00Z')) // 2024-03-12T10:00:00Z
 */
export const expiresAt = (completedAt: Date): Date => new Date(completedAt.getTime() + LIFE_DAYS * DAY_MS);

/**
 * The name of an export's file (spec, api 5.2; S069).
 *
 * @example fileNameOf({ createdAt: new Date('2024-03-05T10:00:00Z'), resourceType: 'invoices' })
 *   // '20240305100000_invoices.csv'
 */
export const fileNameOf = (made: { readonly createdAt: Date; readonly resourceType: ResourceType }): string =>
  `${made.createdAt.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}_${made.resourceType}.csv`;
