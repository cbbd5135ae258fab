import { invalid } from '../refusal.ts';

/** Whether a key has ended; one without an end never does. It ends at the moment itself, in real time. */
export const isExpired = (expiresAt: Date | null | undefined, realTime: Date): boolean =>
  expiresAt != null && expiresAt <= realTime;

/**
 * For the end of a new key, or of a rotated one. @throws Refusal 422 `expires_at: [invalid_date]` unless it is to come.
 */
export function refusePast(expiresAt: Date | null, realTime: Date): void {
  if (isExpired(expiresAt, realTime)) throw invalid({ expires_at: ['invalid_date'] });
}

/**
 * When a rotated key ends: as asked, at once unless asked for anything, and never later than it would have. One that
 * ends on 10 May ends then, also when it is asked to end on 20 May.
 */
export function endOfRotated(own: Date | null | undefined, asked: Date | null, realTime: Date): Date {
  const wished = asked ?? realTime;
  return own && own < wished ? own : wished;
}
