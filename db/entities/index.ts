import { Act } from './acts/act.ts';
import { AddOn } from './add-ons/add-on.ts';
import { ApiKey } from './organizations/api-key.ts';
import { BillableMetric } from './usage/billable-metric.ts';
import { BillingClaim } from './subscriptions/billing-claim.ts';
import { BillingEntity } from './organizations/billing-entity.ts';
import { AppliedCoupon } from './coupons/applied-coupon.ts';
import { Charge } from './plans/charge.ts';
import { ChargeFilter } from './plans/charge-filter.ts';
import { Coupon } from './coupons/coupon.ts';
import { CouponTarget } from './coupons/coupon-target.ts';
import { Credit } from './invoices/credit.ts';
import { CreditNote } from './credit-notes/credit-note.ts';
import { CreditNoteAppliedTax } from './credit-notes/credit-note-applied-tax.ts';
import { CreditNoteItem } from './credit-notes/credit-note-item.ts';
import { Customer } from './customers/customer.ts';
import { DataExport } from './data-exports/data-export.ts';
import { DataExportPart } from './data-exports/data-export-part.ts';
import { Event } from './usage/event.ts';
import { Fee } from './invoices/fee.ts';
import { IdempotencyKey } from './idempotency/idempotency-key.ts';
import { IdempotencyRecord } from './idempotency/idempotency-record.ts';
import { InvoiceAppliedTax } from './invoices/invoice-applied-tax.ts';
import { InvoiceError } from './invoices/invoice-error.ts';
import { InvoiceSequence } from './invoices/invoice-sequence.ts';
import { InvoiceSubscription } from './invoices/invoice-subscription.ts';
import { Invoice } from './invoices/invoice.ts';
import { Mail } from './mail/mail.ts';
import { Organization } from './organizations/organization.ts';
import { Plan } from './plans/plan.ts';
import { PricingUnit } from './plans/pricing-unit.ts';
import { ProviderTaxAnswer } from './taxes/provider-tax-answer.ts';
import { CountedItem } from './usage/counted-item.ts';
import { RunningUsage } from './usage/running-usage.ts';
import { Server } from './operations/server.ts';
import { Subscription } from './subscriptions/subscription.ts';
import { TaxAttachment } from './taxes/tax-attachment.ts';
import { Tax } from './taxes/tax.ts';
import { UsageRollup } from './usage/usage-rollup.ts';
import { ViesCheck } from './taxes/vies-check.ts';
import { WebhookEndpoint } from './webhooks/webhook-endpoint.ts';
import { Webhook } from './webhooks/webhook.ts';

/** Entities of one organization: each row has its `organizationId`, and every query of them is scoped (`db/orm.ts`). */
export const tenantEntities = [
  Act,
  AddOn,
  ApiKey,
  AppliedCoupon,
  BillableMetric,
  BillingClaim,
  BillingEntity,
  Charge,
  ChargeFilter,
  Coupon,
  CouponTarget,
  Credit,
  CreditNote,
  CreditNoteAppliedTax,
  CreditNoteItem,
  Customer,
  DataExport,
  DataExportPart,
  Event,
  Fee,
  IdempotencyKey,
  IdempotencyRecord,
  Invoice,
  InvoiceAppliedTax,
  InvoiceError,
  InvoiceSequence,
  InvoiceSubscription,
  Mail,
  Plan,
  PricingUnit,
  ProviderTaxAnswer,
  CountedItem,
  RunningUsage,
  Subscription,
  Tax,
  TaxAttachment,
  UsageRollup,
  ViesCheck,
  Webhook,
  WebhookEndpoint,
];

export const tenantEntityNames = tenantEntities.map((entity) => entity.meta.className);

export const entities = [...tenantEntities, Organization, Server];
