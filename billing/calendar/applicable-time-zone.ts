/**
 * The IANA zone in which a customer's days begin: its own, else that of its billing entity (spec,
 * subscriptions-and-invoices 0).
 */
export const applicableTimeZone = (
  customer: { readonly timezone?: string | null | undefined },
  billingEntity: { readonly timezone: string },
): string => customer.timezone ?? billingEntity.timezone;
