/**
 * The first and the last second that a moment may be in: years 1 to 9999, which is what ISO 8601 writes with four
 * digits.
 */
export const FIRST_SECOND = -62_135_596_800;
export const LAST_SECOND = 253_402_300_799;

/** Whether a moment, in milliseconds since 1970, is one that every calendar and every client can show. */
export const isPossibleMoment = (milliseconds: number): boolean =>
  milliseconds >= FIRST_SECOND * 1000 && milliseconds < (LAST_SECOND + 1) * 1000;
