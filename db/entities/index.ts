import { Act } from './act.ts';
import { AddOn } from './add-on.ts';
import { ApiKey } from './api-key.ts';
import { BillableMetric } from './billable-metric.ts';
import { BillingClaim } from './billing-claim.ts';
import { BillingEntity } from './billing-entity.ts';
import { Charge } from './charge.ts';
import { Customer } from './customer.ts';
import { Event } from './event.ts';
import { Fee } from './fee.ts';
import { IdempotencyKey } from './idempotency-key.ts';
import { IdempotencyRecord } from './idempotency-record.ts';
import { InvoiceAppliedTax } from './invoice-applied-tax.ts';
import { InvoiceError } from './invoice-error.ts';
import { InvoiceSequence } from './invoice-sequence.ts';
import { InvoiceSubscription } from './invoice-subscription.ts';
import { Invoice } from './invoice.ts';
import { Organization } from './organization.ts';
import { Plan } from './plan.ts';
import { Server } from './server.ts';
import { Subscription } from './subscription.ts';
import { TaxAttachment } from './tax-attachment.ts';
import { Tax } from './tax.ts';
import { UsageRollup } from './usage-rollup.ts';
import { ViesCheck } from './vies-check.ts';
import { WebhookEndpoint } from './webhook-endpoint.ts';
import { Webhook } from './webhook.ts';

/** Entities of one organization: each row has its `organizationId`, and every query of them is scoped (`db/orm.ts`). */
export const tenantEntities = [
  Act,
  AddOn,
  ApiKey,
  BillableMetric,
  BillingClaim,
  BillingEntity,
  Charge,
  Customer,
  Event,
  Fee,
  IdempotencyKey,
  IdempotencyRecord,
  Invoice,
  InvoiceAppliedTax,
  InvoiceError,
  InvoiceSequence,
  InvoiceSubscription,
  Plan,
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
