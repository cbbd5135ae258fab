import { notAllowed } from '../refusal.ts';
import type { ExportStatus } from './data-export.ts';

/** What decides on what can be done with an export. */
export interface ExportState {
  readonly status: ExportStatus;
  readonly expiresAt?: Date | null | undefined;
}

/**
 * Whether the time of a file is over.
 *
 * @example isExpired({ status: 'completed', expiresAt: new Date('2024-03-12') }, new Date('2024-03-12')) // true
 */
export const isExpired = ({ expiresAt }: ExportState, now: Date): boolean => expiresAt != null && expiresAt <= now;

/**
 * Refuses the download of what is not there (spec, api 5.1): of a `processing` export, or 7 days after its completion.
 *
 * @example refuseUndownloadable({ status: 'completed', expiresAt: new Date('2024-03-12') }, new Date('2024-03-11'))
 *   // passes
 * @throws Refusal 405 `data_export_not_completed`, `data_export_expired`.
 */
export function refuseUndownloadable(state: ExportState, now: Date): void {
  if (state.status !== 'completed') throw notAllowed('data_export_not_completed');
  if (isExpired(state, now)) throw notAllowed('data_export_expired');
}

/**
 * Refuses to cancel what has ended: a file that is there stays.
 *
 * @example refuseUncancelable({ status: 'processing' }) // passes
 * @throws Refusal 405 `data_export_processed`.
 */
export function refuseUncancelable({ status }: ExportState): void {
  if (status !== 'pending' && status !== 'processing') throw notAllowed('data_export_processed');
}
