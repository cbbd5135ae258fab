/** `12345678` as `12,345,678`. */
export function groupedNumber(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return value < 0n ? `-${digits}` : digits;
}

/** Cents as `$12,345.67`. */
export function dollars(cents: bigint): string {
  const positive = cents < 0n ? -cents : cents;
  const fraction = (positive % 100n).toString().padStart(2, '0');
  return `${cents < 0n ? '-' : ''}$${groupedNumber(positive / 100n)}.${fraction}`;
}
