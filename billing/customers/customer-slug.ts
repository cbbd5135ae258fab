/** Digits of the sequence in a slug; longer numbers grow. */
const SEQUENCE_DIGITS = 3;

/**
 * The short name of a customer (spec, api 3.2): `ACM-1234` and 7 -> `ACM-1234-007`.
 *
 * @param prefix of the document numbers of its billing entity.
 * @param sequentialId the customer's number in its organization, from 1.
 */
export const customerSlug = (prefix: string, sequentialId: number): string =>
  `${prefix}-${String(sequentialId).padStart(SEQUENCE_DIGITS, '0')}`;
