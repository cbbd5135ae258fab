export const SIGNATURE_ALGORITHMS = ['jwt', 'hmac'] as const;

/** How an endpoint's webhooks are signed (spec, api 4.3). */
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];
