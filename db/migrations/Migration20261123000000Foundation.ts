import { Migration } from '@mikro-orm/migrations';

export class Migration20261123000000Foundation extends Migration {
  override up(): void {
    this.addSql(
      `create table "acts" ("id" text not null, "organization_id" uuid not null, "kind" text not null, "verb" text not null default 'start', "state" text not null default 'wanted', "queue" text not null, "argument" jsonb not null default '{}', "due_at" timestamptz(3) null, "rank" int not null, "customer_id" uuid null, "subscription_id" uuid null, "invoice_id" uuid null, "summary" text not null, "leased_until" timestamptz(3) null, "error" text null, "changed_at" timestamptz(3) not null, "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`create index acts_wanted on acts (leased_until) where state = 'wanted'`);
    this.addSql(
      `create index acts_open_by_due on acts (due_at, organization_id) where state in ('wanted', 'waiting', 'working')`,
    );
    this.addSql(
      `create index acts_open_of_organization on acts (organization_id, due_at, rank) where state in ('wanted', 'waiting', 'working')`,
    );
    this.addSql(
      `create index acts_busy_of_organization on acts (organization_id) where state in ('wanted', 'working')`,
    );
    this.addSql(
      `create index acts_open_of_customer on acts (customer_id, due_at) where state in ('wanted', 'waiting', 'working')`,
    );
    this.addSql(`create index acts_done on acts (changed_at) where state = 'done'`);
    this.addSql(
      `create table "api_keys" ("id" uuid not null, "organization_id" uuid not null, "name" text null, "sha256" text not null, "last_four" text not null, "permissions" jsonb null, "expires_at" timestamptz(3) null, "last_used_at" timestamptz(3) null, "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`alter table "api_keys" add constraint "api_keys_sha256" unique ("sha256")`);
    this.addSql(
      `create table "billable_metrics" ("id" uuid not null, "organization_id" uuid not null, "name" text not null, "code" text not null, "description" text null, "aggregation_type" text not null, "field_name" text null, "recurring" boolean not null default false, "rounding_function" text null, "rounding_precision" int null, "filters" jsonb not null default '[]', "rolled_up" boolean not null default true, "deleted_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index billable_metrics_code on billable_metrics (organization_id, code) where deleted_at is null`,
    );
    this.addSql(`create index "billable_metrics_newest" on "billable_metrics" ("organization_id", "created_at", "id")`);
    this.addSql(
      `alter table "billable_metrics" add constraint "billable_metrics_tenant" unique ("organization_id", "id")`,
    );
    this.addSql(
      `create table "billing_claims" ("subscription_id" uuid not null, "period_key" text not null, "organization_id" uuid not null, "invoice_id" uuid not null, "created_at" timestamptz(3) not null, primary key ("subscription_id", "period_key"))`,
    );
    this.addSql(
      `create table "billing_entities" ("id" uuid not null, "organization_id" uuid not null, "code" text not null, "name" text not null, "is_default" boolean not null default false, "default_currency" text not null, "timezone" text not null default 'UTC', "country" text null, "address_line1" text null, "address_line2" text null, "state" text null, "zipcode" text null, "city" text null, "email" text null, "phone" text null, "legal_name" text null, "legal_number" text null, "tax_identification_number" text null, "net_payment_term" int not null default 0, "email_settings" jsonb not null default '[]', "document_numbering" text not null default 'per_customer', "document_number_prefix" text not null, "finalize_zero_amount_invoice" boolean not null default true, "invoice_footer" text null, "invoice_grace_period" int not null default 0, "document_locale" text not null default 'en', "subscription_invoice_issuing_date_anchor" text not null default 'next_period_start', "subscription_invoice_issuing_date_adjustment" text not null default 'align_with_finalization_date', "einvoicing" boolean not null default false, "eu_tax_management" boolean not null default false, "logo_url" text null, "invoice_sequence" int not null default 0, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index billing_entities_one_default on billing_entities (organization_id) where is_default`,
    );
    this.addSql(
      `alter table "billing_entities" add constraint "billing_entities_tenant" unique ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "billing_entities" add constraint "billing_entities_code" unique ("organization_id", "code")`,
    );
    this.addSql(
      `create table "charges" ("id" uuid not null, "organization_id" uuid not null, "plan_id" uuid not null, "billable_metric_id" uuid not null, "parent_id" uuid null, "code" text not null, "charge_model" text not null, "invoice_display_name" text null, "pay_in_advance" boolean not null default false, "invoiceable" boolean not null default true, "regroup_paid_fees" text null, "prorated" boolean not null default false, "min_amount_cents" bigint not null default '0', "accepts_target_wallet" boolean not null default false, "properties" jsonb not null, "position" int not null, "deleted_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`create index "charges_of_plan" on "charges" ("organization_id", "plan_id", "position")`);
    this.addSql(
      `create unique index charges_code on charges (organization_id, plan_id, code) where deleted_at is null`,
    );
    this.addSql(`create index "charges_of_metric" on "charges" ("organization_id", "billable_metric_id")`);
    this.addSql(`alter table "charges" add constraint "charges_tenant" unique ("organization_id", "id")`);
    this.addSql(
      `create table "customers" ("id" uuid not null, "organization_id" uuid not null, "billing_entity_id" uuid not null, "external_id" text not null, "sequential_id" int not null, "slug" text not null, "account_type" text not null default 'customer', "customer_type" text null, "name" text null, "firstname" text null, "lastname" text null, "country" text null, "address_line1" text null, "address_line2" text null, "state" text null, "zipcode" text null, "city" text null, "email" text null, "url" text null, "phone" text null, "logo_url" text null, "legal_name" text null, "legal_number" text null, "currency" text null, "tax_identification_number" text null, "timezone" text null, "net_payment_term" int null, "external_salesforce_id" text null, "finalize_zero_amount_invoice" text not null default 'inherit', "skip_invoice_custom_sections" boolean not null default false, "shipping_address" jsonb null, "metadata" jsonb not null default '[]', "invoice_grace_period" int null, "payment_provider" text null, "payment_provider_code" text null, "provider_customer_id" text null, "provider_payment_methods" jsonb null, "sync_with_provider" boolean null, "document_locale" text null, "subscription_invoice_issuing_date_anchor" text null, "subscription_invoice_issuing_date_adjustment" text null, "deleted_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index customers_external_id on customers (organization_id, external_id) where deleted_at is null`,
    );
    this.addSql(`create index "customers_newest" on "customers" ("organization_id", "created_at", "id")`);
    this.addSql(`alter table "customers" add constraint "customers_tenant" unique ("organization_id", "id")`);
    this.addSql(
      `alter table "customers" add constraint "customers_sequence" unique ("organization_id", "sequential_id")`,
    );
    this.addSql(
      `create table "events" ("id" uuid not null, "organization_id" uuid not null, "transaction_id" text not null, "external_subscription_id" text null, "code" text not null, "timestamp" timestamptz(6) not null, "properties" jsonb not null default '{}', "precise_total_amount_cents" numeric(40,15) null, "user_agent" text null, "ip_address" text null, "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create index "events_of_subscription" on "events" ("organization_id", "external_subscription_id", "code", "timestamp")`,
    );
    this.addSql(`create index "events_newest" on "events" ("organization_id", "timestamp", "transaction_id")`);
    this.addSql(`create index "events_of_code" on "events" ("organization_id", "code", "timestamp")`);
    this.addSql(
      `alter table "events" add constraint "events_transaction_id" unique ("organization_id", "transaction_id", "external_subscription_id")`,
    );
    this.addSql(
      `create table "fees" ("id" uuid not null, "organization_id" uuid not null, "billing_entity_id" uuid not null, "customer_id" uuid not null, "invoice_id" uuid null, "subscription_id" uuid null, "charge_id" uuid null, "fee_type" text not null, "position" int not null, "pay_in_advance" boolean not null default false, "invoiceable" boolean not null default true, "amount_cents" bigint not null, "amount_currency" text not null, "precise_amount_cents" numeric(40,15) not null, "taxes_amount_cents" bigint not null default '0', "taxes_precise_amount_cents" numeric(40,15) not null default '0', "taxes_rate" double precision not null default 0, "precise_coupons_amount_cents" numeric(30,5) not null default '0', "units" numeric not null, "total_aggregated_units" numeric null, "events_count" bigint null, "unit_amount_cents" bigint not null, "precise_unit_amount" numeric(40,15) not null, "invoice_display_name" text null, "description" text null, "grouped_by" jsonb not null default '{}', "amount_details" jsonb not null default '{}', "from_datetime" timestamptz(3) null, "to_datetime" timestamptz(3) null, "payment_status" text not null default 'pending', "succeeded_at" timestamptz(3) null, "failed_at" timestamptz(3) null, "refunded_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`create index "fees_of_invoice" on "fees" ("organization_id", "invoice_id", "position")`);
    this.addSql(`create index "fees_of_subscription" on "fees" ("organization_id", "subscription_id")`);
    this.addSql(
      `create unique index fees_one_subscription_fee on fees (invoice_id, subscription_id) where fee_type = 'subscription' and invoice_id is not null`,
    );
    this.addSql(
      `create table "invoices" ("id" uuid not null, "organization_id" uuid not null, "customer_id" uuid not null, "billing_entity_id" uuid not null, "invoice_type" text not null, "status" text not null, "payment_status" text not null, "number" text not null, "sequential_id" int null, "entity_sequential_id" int null, "purchase_order_number" text null, "issuing_date" date not null, "payment_due_date" date not null, "expected_finalization_date" date not null, "net_payment_term" int not null, "currency" text not null, "timezone" text not null, "timezone_data_version" text not null, "fees_amount_cents" bigint not null default '0', "progressive_billing_credit_amount_cents" bigint not null default '0', "coupons_amount_cents" bigint not null default '0', "sub_total_excluding_taxes_amount_cents" bigint not null default '0', "taxes_amount_cents" bigint not null default '0', "sub_total_including_taxes_amount_cents" bigint not null default '0', "credit_notes_amount_cents" bigint not null default '0', "prepaid_credit_amount_cents" bigint not null default '0', "total_amount_cents" bigint not null default '0', "total_paid_amount_cents" bigint not null default '0', "payment_overdue" boolean not null default false, "payment_dispute_lost_at" timestamptz(3) null, "self_billed" boolean not null default false, "metadata" jsonb not null default '[]', "finalized_at" timestamptz(3) null, "voided_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index invoices_sequence on invoices (customer_id, billing_entity_id, sequential_id) where sequential_id is not null`,
    );
    this.addSql(
      `create unique index invoices_entity_sequence on invoices (billing_entity_id, entity_sequential_id) where entity_sequential_id is not null`,
    );
    this.addSql(`create index "invoices_newest" on "invoices" ("organization_id", "issuing_date", "created_at", "id")`);
    this.addSql(`create index "invoices_of_customer" on "invoices" ("organization_id", "customer_id", "issuing_date")`);
    this.addSql(`alter table "invoices" add constraint "invoices_tenant" unique ("organization_id", "id")`);
    this.addSql(
      `create table "invoice_errors" ("id" uuid not null, "organization_id" uuid not null, "invoice_id" uuid not null, "error_code" text not null, "details" jsonb not null, "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`create index "invoice_errors_of_invoice" on "invoice_errors" ("organization_id", "invoice_id")`);
    this.addSql(
      `create table "invoice_sequences" ("customer_id" uuid not null, "billing_entity_id" uuid not null, "organization_id" uuid not null, "sequence" int not null, primary key ("customer_id", "billing_entity_id"))`,
    );
    this.addSql(
      `create table "invoice_subscriptions" ("id" uuid not null, "organization_id" uuid not null, "invoice_id" uuid not null, "subscription_id" uuid not null, "timestamp" timestamptz(3) not null, "recurring" boolean not null, "invoicing_reason" text not null, "from_datetime" timestamptz(3) null, "to_datetime" timestamptz(3) null, "charges_from_datetime" timestamptz(3) null, "charges_to_datetime" timestamptz(3) null, "fixed_charges_from_datetime" timestamptz(3) null, "fixed_charges_to_datetime" timestamptz(3) null, "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index invoice_subscriptions_charges_window on invoice_subscriptions (subscription_id, charges_from_datetime, charges_to_datetime) where recurring`,
    );
    this.addSql(
      `create unique index invoice_subscriptions_starting on invoice_subscriptions (subscription_id) where invoicing_reason = 'subscription_starting'`,
    );
    this.addSql(
      `create unique index invoice_subscriptions_terminating on invoice_subscriptions (subscription_id) where invoicing_reason = 'subscription_terminating'`,
    );
    this.addSql(
      `create index "invoice_subscriptions_of_subscription" on "invoice_subscriptions" ("organization_id", "subscription_id", "timestamp")`,
    );
    this.addSql(
      `alter table "invoice_subscriptions" add constraint "invoice_subscriptions_once" unique ("invoice_id", "subscription_id")`,
    );
    this.addSql(
      `create table "organizations" ("id" uuid not null, "name" text not null, "slug" text null, "test_mode" boolean not null default false, "clock_now" timestamptz(3) null, "clock_moves" int not null default 0, "premium_integrations" jsonb not null default '[]', "customer_sequence" int not null default 0, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create table "plans" ("id" uuid not null, "organization_id" uuid not null, "parent_id" uuid null, "name" text not null, "invoice_display_name" text null, "code" text not null, "interval" text not null, "description" text null, "amount_cents" bigint not null, "amount_currency" text not null, "trial_period" numeric null, "pay_in_advance" boolean not null, "bill_charges_monthly" boolean null, "bill_fixed_charges_monthly" boolean null, "metadata" jsonb null, "pending_deletion" boolean not null default false, "deleted_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index plans_code on plans (organization_id, code) where deleted_at is null and parent_id is null`,
    );
    this.addSql(`create index "plans_newest" on "plans" ("organization_id", "created_at", "id")`);
    this.addSql(`alter table "plans" add constraint "plans_tenant" unique ("organization_id", "id")`);
    this.addSql(`create table "server" ("id" int not null, "temporal_namespace_id" text null, primary key ("id"))`);
    this.addSql(
      `create table "subscriptions" ("id" uuid not null, "organization_id" uuid not null, "customer_id" uuid not null, "plan_id" uuid not null, "billing_entity_id" uuid null, "previous_subscription_id" uuid null, "external_id" text not null, "name" text not null default '', "status" text not null, "billing_time" text not null, "subscription_at" timestamptz(3) not null, "started_at" timestamptz(3) null, "activated_at" timestamptz(3) null, "trial_ended_at" timestamptz(3) null, "ending_at" timestamptz(3) null, "terminated_at" timestamptz(3) null, "canceled_at" timestamptz(3) null, "cancellation_reason" text null, "on_termination_credit_note" text null, "on_termination_invoice" text not null default 'generate', "progressive_billing_disabled" boolean not null default false, "consolidate_invoice" boolean not null default true, "purchase_order_number" text null, "payment_method_type" text not null default 'provider', "payment_method_id" text null, "skip_invoice_custom_sections" boolean not null default false, "last_billing_day" date null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index subscriptions_one_active on subscriptions (organization_id, external_id) where status = 'active'`,
    );
    this.addSql(
      `create unique index subscriptions_one_incomplete on subscriptions (organization_id, external_id) where status = 'incomplete'`,
    );
    this.addSql(`create index "subscriptions_of_customer" on "subscriptions" ("organization_id", "customer_id")`);
    this.addSql(`create index "subscriptions_external_id" on "subscriptions" ("organization_id", "external_id")`);
    this.addSql(`create index "subscriptions_of_plan" on "subscriptions" ("organization_id", "plan_id")`);
    this.addSql(
      `create index "subscriptions_newest" on "subscriptions" ("organization_id", "subscription_at", "created_at", "id")`,
    );
    this.addSql(`alter table "subscriptions" add constraint "subscriptions_tenant" unique ("organization_id", "id")`);
    this.addSql(
      `create table "usage_rollups" ("organization_id" uuid not null, "external_subscription_id" text not null, "code" text not null, "hour" timestamptz(0) not null, "keys" jsonb not null default '{}', "events_count" bigint not null, "numeric_events_count" bigint not null, "sum" numeric not null, primary key ("organization_id", "external_subscription_id", "code", "hour", "keys"))`,
    );

    // No row can point into another organization.
    this.addSql(
      `alter table "acts" add constraint "acts_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "api_keys" add constraint "api_keys_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "billable_metrics" add constraint "billable_metrics_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "billing_claims" add constraint "billing_claims_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "billing_entities" add constraint "billing_entities_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "charges" add constraint "charges_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "customers" add constraint "customers_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "events" add constraint "events_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "fees" add constraint "fees_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "invoices" add constraint "invoices_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "invoice_errors" add constraint "invoice_errors_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "invoice_sequences" add constraint "invoice_sequences_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "invoice_subscriptions" add constraint "invoice_subscriptions_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "plans" add constraint "plans_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "subscriptions" add constraint "subscriptions_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "customers" add constraint "customers_billing_entity_id_fkey" foreign key ("organization_id", "billing_entity_id") references "billing_entities" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "plans" add constraint "plans_parent_id_fkey" foreign key ("organization_id", "parent_id") references "plans" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "charges" add constraint "charges_plan_id_fkey" foreign key ("organization_id", "plan_id") references "plans" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "charges" add constraint "charges_billable_metric_id_fkey" foreign key ("organization_id", "billable_metric_id") references "billable_metrics" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "charges" add constraint "charges_parent_id_fkey" foreign key ("organization_id", "parent_id") references "charges" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "subscriptions" add constraint "subscriptions_customer_id_fkey" foreign key ("organization_id", "customer_id") references "customers" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "subscriptions" add constraint "subscriptions_plan_id_fkey" foreign key ("organization_id", "plan_id") references "plans" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "subscriptions" add constraint "subscriptions_billing_entity_id_fkey" foreign key ("organization_id", "billing_entity_id") references "billing_entities" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "subscriptions" add constraint "subscriptions_previous_subscription_id_fkey" foreign key ("organization_id", "previous_subscription_id") references "subscriptions" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoices" add constraint "invoices_customer_id_fkey" foreign key ("organization_id", "customer_id") references "customers" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoices" add constraint "invoices_billing_entity_id_fkey" foreign key ("organization_id", "billing_entity_id") references "billing_entities" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoice_subscriptions" add constraint "invoice_subscriptions_invoice_id_fkey" foreign key ("organization_id", "invoice_id") references "invoices" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoice_subscriptions" add constraint "invoice_subscriptions_subscription_id_fkey" foreign key ("organization_id", "subscription_id") references "subscriptions" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "fees" add constraint "fees_billing_entity_id_fkey" foreign key ("organization_id", "billing_entity_id") references "billing_entities" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "fees" add constraint "fees_customer_id_fkey" foreign key ("organization_id", "customer_id") references "customers" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "fees" add constraint "fees_invoice_id_fkey" foreign key ("organization_id", "invoice_id") references "invoices" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "fees" add constraint "fees_subscription_id_fkey" foreign key ("organization_id", "subscription_id") references "subscriptions" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "fees" add constraint "fees_charge_id_fkey" foreign key ("organization_id", "charge_id") references "charges" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoice_errors" add constraint "invoice_errors_invoice_id_fkey" foreign key ("organization_id", "invoice_id") references "invoices" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "billing_claims" add constraint "billing_claims_invoice_id_fkey" foreign key ("organization_id", "invoice_id") references "invoices" ("organization_id", "id") deferrable initially deferred`,
    );
    this.addSql(
      `alter table "billing_claims" add constraint "billing_claims_subscription_id_fkey" foreign key ("organization_id", "subscription_id") references "subscriptions" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoice_sequences" add constraint "invoice_sequences_customer_id_fkey" foreign key ("organization_id", "customer_id") references "customers" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoice_sequences" add constraint "invoice_sequences_billing_entity_id_fkey" foreign key ("organization_id", "billing_entity_id") references "billing_entities" ("organization_id", "id")`,
    );
    this.addSql(`insert into "server" ("id") values (1)`);
  }
}
