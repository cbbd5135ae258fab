import { routes as addOns } from './add-ons/routes.ts';
import { routes as analytics } from './analytics/routes.ts';
import { routes as apiKeys } from './api-keys/routes.ts';
import { routes as appliedCoupons } from './applied-coupons/routes.ts';
import { routes as billableMetrics } from './billable-metrics/routes.ts';
import { routes as billingEntities } from './billing-entities/routes.ts';
import { routes as coupons } from './coupons/routes.ts';
import { routes as creditNotes } from './credit-notes/routes.ts';
import { routes as customers } from './customers/routes.ts';
import { routes as dataExports } from './data-exports/routes.ts';
import { routes as events } from './events/routes.ts';
import { routes as fees } from './fees/routes.ts';
import { routes as invoices } from './invoices/routes.ts';
import { routes as organizations } from './organizations/routes.ts';
import { routes as chargeFilters } from './plans/charge-filter-routes.ts';
import { routes as charges } from './plans/charge-routes.ts';
import { routes as plans } from './plans/routes.ts';
import { routes as pricingUnits } from './pricing-units/routes.ts';
import type { Route } from './http/route.ts';
import { routes as subscriptions } from './subscriptions/routes.ts';
import { routes as taxes } from './taxes/routes.ts';
import { routes as testClock } from './test-clock/routes.ts';
import { routes as usage } from './usage/routes.ts';
import { routes as webhookEndpoints } from './webhook-endpoints/routes.ts';
import { routes as webhooks } from './webhooks/routes.ts';
import { routes as workflows } from './workflows/routes.ts';

/** Every endpoint under `/api/v1`. */
export const routes: readonly Route[] = [
  ...organizations,
  ...apiKeys,
  ...billingEntities,
  ...billableMetrics,
  ...taxes,
  ...pricingUnits,
  ...plans,
  ...charges,
  ...chargeFilters,
  ...addOns,
  ...coupons,
  ...customers,
  ...appliedCoupons,
  ...subscriptions,
  ...events,
  ...fees,
  ...usage,
  ...invoices,
  ...creditNotes,
  ...analytics,
  ...dataExports,
  ...workflows,
  ...testClock,
  ...webhookEndpoints,
  ...webhooks,
];
