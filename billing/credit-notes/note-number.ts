const DIGITS = 3;

/**
 * The number of a credit note (spec, money 3.1).
 *
 * The second one of invoice ACME-001-007: ACME-001-007-CN002.
 */
export const noteNumber = (invoiceNumber: string, sequentialId: number): string =>
  `${invoiceNumber}-CN${String(sequentialId).padStart(DIGITS, '0')}`;
