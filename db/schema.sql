-- What the migrations make of an empty database, as PostgreSQL's catalog says it: a change of this file shows
-- what a migration really does. Written by `npm run schema`, compared by a test. Sorted by name.
-- Of 30 migrations, the last of them Migration20261128131000PricingUnits.

create sequence mikro_orm_migrations_id_seq as integer owned by mikro_orm_migrations.id;

create sequence webhooks_sequence_seq as bigint owned by webhooks.sequence;

create table acts (
  argument jsonb default '{}'::jsonb not null,
  aside boolean default false not null,
  changed_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  customer_id uuid,
  done_by text,
  due_at timestamp(3) with time zone,
  error text,
  id text not null,
  invoice_id uuid,
  kind text not null,
  leased_until timestamp(3) with time zone,
  organization_id uuid not null,
  queue text not null,
  rank integer not null,
  state text default 'wanted'::text not null,
  subscription_id uuid,
  summary text not null,
  traceparent text,
  verb text default 'start'::text not null,
  constraint acts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint acts_pkey PRIMARY KEY (id)
) with (autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02);

create table add_ons (
  amount_cents bigint not null,
  amount_currency text not null,
  code text not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  description text,
  id uuid not null,
  invoice_display_name text,
  name text not null,
  organization_id uuid not null,
  updated_at timestamp(3) with time zone not null,
  constraint add_ons_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint add_ons_pkey PRIMARY KEY (id),
  constraint add_ons_tenant UNIQUE (organization_id, id)
);

create table api_keys (
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  id uuid not null,
  last_four text not null,
  last_used_at timestamp(3) with time zone,
  name text,
  organization_id uuid not null,
  permissions jsonb,
  sha256 text not null,
  constraint api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_sha256 UNIQUE (sha256)
);

create table applied_coupons (
  amount_cents bigint,
  amount_currency text,
  coupon_id uuid not null,
  created_at timestamp(3) with time zone not null,
  customer_id uuid not null,
  frequency text not null,
  frequency_duration integer,
  frequency_duration_remaining integer,
  id uuid not null,
  organization_id uuid not null,
  percentage_rate numeric,
  status text not null,
  terminated_at timestamp(3) with time zone,
  updated_at timestamp(3) with time zone not null,
  constraint applied_coupons_coupon_id_fkey FOREIGN KEY (organization_id, coupon_id) REFERENCES coupons(organization_id, id),
  constraint applied_coupons_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint applied_coupons_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint applied_coupons_pkey PRIMARY KEY (id),
  constraint applied_coupons_tenant UNIQUE (organization_id, id)
);

create table billable_metrics (
  aggregation_type text not null,
  amounts_rolled_up boolean default true not null,
  code text not null,
  created_at timestamp(3) with time zone not null,
  definition_version integer default 1 not null,
  deleted_at timestamp(3) with time zone,
  description text,
  expression text,
  field_name text,
  filters jsonb default '[]'::jsonb not null,
  id uuid not null,
  name text not null,
  organization_id uuid not null,
  recurring boolean default false not null,
  rolled_up boolean default true not null,
  rollup_keys jsonb default '[]'::jsonb not null,
  rounding_function text,
  rounding_precision integer,
  updated_at timestamp(3) with time zone not null,
  weighted_interval text,
  constraint billable_metrics_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint billable_metrics_pkey PRIMARY KEY (id),
  constraint billable_metrics_tenant UNIQUE (organization_id, id)
);

create table billing_claims (
  created_at timestamp(3) with time zone not null,
  invoice_id uuid not null,
  organization_id uuid not null,
  period_key text not null,
  subscription_id uuid not null,
  constraint billing_claims_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id) DEFERRABLE INITIALLY DEFERRED,
  constraint billing_claims_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint billing_claims_pkey PRIMARY KEY (subscription_id, period_key),
  constraint billing_claims_subscription_id_fkey FOREIGN KEY (organization_id, subscription_id) REFERENCES subscriptions(organization_id, id)
);

create table billing_entities (
  address_line1 text,
  address_line2 text,
  city text,
  code text not null,
  country text,
  created_at timestamp(3) with time zone not null,
  default_currency text not null,
  document_locale text default 'en'::text not null,
  document_number_prefix text not null,
  document_numbering text default 'per_customer'::text not null,
  einvoicing boolean default false not null,
  email text,
  email_settings jsonb default '[]'::jsonb not null,
  eu_tax_management boolean default false not null,
  finalize_zero_amount_invoice boolean default true not null,
  former_number_prefixes jsonb default '[]'::jsonb not null,
  id uuid not null,
  invoice_footer text,
  invoice_grace_period integer default 0 not null,
  invoice_sequence integer default 0 not null,
  is_default boolean default false not null,
  legal_name text,
  legal_number text,
  logo_url text,
  name text not null,
  net_payment_term integer default 0 not null,
  organization_id uuid not null,
  phone text,
  settings_version integer default 0 not null,
  state text,
  subscription_invoice_issuing_date_adjustment text default 'align_with_finalization_date'::text not null,
  subscription_invoice_issuing_date_anchor text default 'next_period_start'::text not null,
  tax_identification_number text,
  timezone text default 'UTC'::text not null,
  updated_at timestamp(3) with time zone not null,
  zipcode text,
  constraint billing_entities_code UNIQUE (organization_id, code),
  constraint billing_entities_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint billing_entities_pkey PRIMARY KEY (id),
  constraint billing_entities_prefix UNIQUE (organization_id, document_number_prefix),
  constraint billing_entities_tenant UNIQUE (organization_id, id)
);

create table charge_filters (
  charge_id uuid not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  id uuid not null,
  invoice_display_name text,
  organization_id uuid not null,
  "position" integer not null,
  properties jsonb not null,
  updated_at timestamp(3) with time zone not null,
  "values" jsonb not null,
  constraint charge_filters_charge_id_fkey FOREIGN KEY (organization_id, charge_id) REFERENCES charges(organization_id, id),
  constraint charge_filters_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint charge_filters_pkey PRIMARY KEY (id),
  constraint charge_filters_tenant UNIQUE (organization_id, id)
);

create table charges (
  accepts_target_wallet boolean default false not null,
  billable_metric_id uuid not null,
  charge_model text not null,
  code text not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  id uuid not null,
  invoice_display_name text,
  invoiceable boolean default true not null,
  min_amount_cents bigint default '0'::bigint not null,
  organization_id uuid not null,
  parent_id uuid,
  pay_in_advance boolean default false not null,
  plan_id uuid not null,
  "position" integer not null,
  pricing_unit_id uuid,
  pricing_unit_rate numeric,
  properties jsonb not null,
  prorated boolean default false not null,
  regroup_paid_fees text,
  updated_at timestamp(3) with time zone not null,
  constraint charges_billable_metric_id_fkey FOREIGN KEY (organization_id, billable_metric_id) REFERENCES billable_metrics(organization_id, id),
  constraint charges_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint charges_parent_id_fkey FOREIGN KEY (organization_id, parent_id) REFERENCES charges(organization_id, id),
  constraint charges_pkey PRIMARY KEY (id),
  constraint charges_plan_id_fkey FOREIGN KEY (organization_id, plan_id) REFERENCES plans(organization_id, id),
  constraint charges_pricing_unit_id_fkey FOREIGN KEY (organization_id, pricing_unit_id) REFERENCES pricing_units(organization_id, id) NOT VALID,
  constraint charges_tenant UNIQUE (organization_id, id)
);

create table counted_items (
  is_there boolean not null,
  organization_id uuid not null,
  owner_id uuid not null,
  value text not null,
  constraint counted_items_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint counted_items_pkey PRIMARY KEY (owner_id, value)
);

create table coupon_targets (
  billable_metric_id uuid,
  coupon_id uuid not null,
  organization_id uuid not null,
  plan_id uuid,
  target_id uuid not null,
  constraint coupon_targets_billable_metric_id_fkey FOREIGN KEY (organization_id, billable_metric_id) REFERENCES billable_metrics(organization_id, id),
  constraint coupon_targets_coupon_id_fkey FOREIGN KEY (organization_id, coupon_id) REFERENCES coupons(organization_id, id),
  constraint coupon_targets_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint coupon_targets_pkey PRIMARY KEY (coupon_id, target_id),
  constraint coupon_targets_plan_id_fkey FOREIGN KEY (organization_id, plan_id) REFERENCES plans(organization_id, id),
  constraint coupon_targets_target CHECK (((num_nonnulls(plan_id, billable_metric_id) = 1) AND (target_id = COALESCE(plan_id, billable_metric_id))))
);

create table coupons (
  amount_cents bigint,
  amount_currency text,
  code text not null,
  coupon_type text not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  description text,
  expiration text not null,
  expiration_at timestamp(3) with time zone,
  frequency text not null,
  frequency_duration integer,
  id uuid not null,
  name text not null,
  organization_id uuid not null,
  percentage_rate numeric,
  reusable boolean not null,
  terminated_at timestamp(3) with time zone,
  updated_at timestamp(3) with time zone not null,
  constraint coupons_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint coupons_pkey PRIMARY KEY (id),
  constraint coupons_tenant UNIQUE (organization_id, id)
);

create table credit_note_applied_taxes (
  amount_cents bigint not null,
  amount_currency text not null,
  base_amount_cents bigint not null,
  created_at timestamp(3) with time zone not null,
  credit_note_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  tax_code text not null,
  tax_description text,
  tax_id uuid,
  tax_name text not null,
  tax_rate numeric not null,
  constraint credit_note_applied_taxes_credit_note_id_fkey FOREIGN KEY (organization_id, credit_note_id) REFERENCES credit_notes(organization_id, id),
  constraint credit_note_applied_taxes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint credit_note_applied_taxes_pkey PRIMARY KEY (id),
  constraint credit_note_applied_taxes_tax_id_fkey FOREIGN KEY (organization_id, tax_id) REFERENCES taxes(organization_id, id)
);

create table credit_note_items (
  amount_cents bigint not null,
  amount_currency text not null,
  created_at timestamp(3) with time zone not null,
  credit_note_id uuid not null,
  fee_id uuid not null,
  id uuid not null,
  organization_id uuid not null,
  precise_amount_cents numeric(30,5) not null,
  constraint credit_note_items_credit_note_id_fkey FOREIGN KEY (organization_id, credit_note_id) REFERENCES credit_notes(organization_id, id),
  constraint credit_note_items_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint credit_note_items_pkey PRIMARY KEY (id)
);

create table credit_notes (
  balance_amount_cents bigint not null,
  coupons_adjustment_amount_cents bigint not null,
  created_at timestamp(3) with time zone not null,
  credit_amount_cents bigint not null,
  credit_status text,
  currency text not null,
  customer_id uuid not null,
  description text,
  id uuid not null,
  invoice_id uuid not null,
  issuing_date date not null,
  metadata jsonb,
  number text not null,
  offset_amount_cents bigint not null,
  organization_id uuid not null,
  precise_coupons_adjustment_amount_cents numeric(30,5) not null,
  precise_taxes_amount_cents numeric(30,5) not null,
  reason text not null,
  refund_amount_cents bigint not null,
  refund_status text,
  refunded_at timestamp(3) with time zone,
  sequential_id integer not null,
  status text not null,
  sub_total_excluding_taxes_amount_cents bigint not null,
  taxes_amount_cents bigint not null,
  taxes_rate double precision not null,
  terminated_subscription_id uuid,
  total_amount_cents bigint not null,
  updated_at timestamp(3) with time zone not null,
  voided_at timestamp(3) with time zone,
  constraint credit_notes_amounts CHECK (((credit_amount_cents >= 0) AND (refund_amount_cents >= 0) AND (offset_amount_cents >= 0) AND (total_amount_cents = ((credit_amount_cents + refund_amount_cents) + offset_amount_cents)) AND (total_amount_cents = (sub_total_excluding_taxes_amount_cents + taxes_amount_cents)) AND (balance_amount_cents >= 0) AND (balance_amount_cents <= credit_amount_cents))),
  constraint credit_notes_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint credit_notes_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id),
  constraint credit_notes_number_in_invoice UNIQUE (invoice_id, sequential_id),
  constraint credit_notes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint credit_notes_pkey PRIMARY KEY (id),
  constraint credit_notes_tenant UNIQUE (organization_id, id),
  constraint credit_notes_terminated_subscription_id_fkey FOREIGN KEY (organization_id, terminated_subscription_id) REFERENCES subscriptions(organization_id, id)
);

create table credits (
  amount_cents bigint not null,
  amount_currency text not null,
  applied_coupon_id uuid,
  before_taxes boolean not null,
  created_at timestamp(3) with time zone not null,
  credit_note_id uuid,
  id uuid not null,
  invoice_id uuid not null,
  organization_id uuid not null,
  constraint credits_applied_coupon_id_fkey FOREIGN KEY (organization_id, applied_coupon_id) REFERENCES applied_coupons(organization_id, id),
  constraint credits_coupon_once UNIQUE (invoice_id, applied_coupon_id),
  constraint credits_credit_note_id_fkey FOREIGN KEY (organization_id, credit_note_id) REFERENCES credit_notes(organization_id, id) NOT VALID,
  constraint credits_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id),
  constraint credits_one_source CHECK ((num_nonnulls(applied_coupon_id, credit_note_id) = 1)),
  constraint credits_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint credits_pkey PRIMARY KEY (id)
);

create table customers (
  account_type text default 'customer'::text not null,
  address_line1 text,
  address_line2 text,
  billing_entity_id uuid not null,
  city text,
  country text,
  created_at timestamp(3) with time zone not null,
  currency text,
  customer_type text,
  deleted_at timestamp(3) with time zone,
  document_locale text,
  email text,
  external_id text not null,
  external_salesforce_id text,
  finalize_zero_amount_invoice text default 'inherit'::text not null,
  firstname text,
  id uuid not null,
  invoice_grace_period integer,
  lastname text,
  legal_name text,
  legal_number text,
  logo_url text,
  metadata jsonb default '[]'::jsonb not null,
  name text,
  net_payment_term integer,
  organization_id uuid not null,
  payment_provider text,
  payment_provider_code text,
  phone text,
  provider_customer_id text,
  provider_payment_methods jsonb,
  sequential_id integer not null,
  shipping_address jsonb,
  skip_invoice_custom_sections boolean default false not null,
  slug text not null,
  state text,
  subscription_invoice_issuing_date_adjustment text,
  subscription_invoice_issuing_date_anchor text,
  sync_with_provider boolean,
  tax_identification_number text,
  tax_provider_code text,
  timezone text,
  updated_at timestamp(3) with time zone not null,
  url text,
  zipcode text,
  constraint customers_billing_entity_id_fkey FOREIGN KEY (organization_id, billing_entity_id) REFERENCES billing_entities(organization_id, id),
  constraint customers_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint customers_pkey PRIMARY KEY (id),
  constraint customers_sequence UNIQUE (organization_id, sequential_id),
  constraint customers_tenant UNIQUE (organization_id, id)
);

create table data_export_parts (
  bytes_count bigint,
  completed_at timestamp(3) with time zone,
  data_export_id uuid not null,
  file text,
  index integer not null,
  object_ids uuid[] not null,
  organization_id uuid not null,
  rows_count integer,
  constraint data_export_parts_data_export_id_fkey FOREIGN KEY (organization_id, data_export_id) REFERENCES data_exports(organization_id, id),
  constraint data_export_parts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint data_export_parts_pkey PRIMARY KEY (data_export_id, index)
);

create table data_exports (
  bytes_count bigint default '0'::bigint not null,
  columns jsonb,
  completed_at timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  error text,
  expires_at timestamp(3) with time zone,
  filter jsonb not null,
  filters jsonb not null,
  format text not null,
  id uuid not null,
  notify_email text,
  organization_id uuid not null,
  parts_count integer,
  parts_done integer default 0 not null,
  requested_by uuid,
  resource_type text not null,
  rows_count bigint default '0'::bigint not null,
  started_at timestamp(3) with time zone,
  status text not null,
  storage_fails_since timestamp(3) with time zone,
  updated_at timestamp(3) with time zone not null,
  constraint data_exports_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint data_exports_pkey PRIMARY KEY (id),
  constraint data_exports_tenant UNIQUE (organization_id, id)
);

create table events (
  code text not null,
  created_at timestamp(3) with time zone not null,
  external_subscription_id text,
  id uuid not null,
  ip_address text,
  organization_id uuid not null,
  precise_total_amount_cents numeric(40,15),
  properties jsonb default '{}'::jsonb not null,
  "timestamp" timestamp(6) with time zone not null,
  transaction_id text not null,
  user_agent text,
  constraint events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint events_pkey PRIMARY KEY (id),
  constraint events_transaction_id UNIQUE (organization_id, transaction_id, external_subscription_id)
) with (autovacuum_vacuum_scale_factor=0.005, autovacuum_vacuum_insert_scale_factor=0.005, autovacuum_analyze_scale_factor=0.02);

create table fees (
  add_on_id uuid,
  amount_cents bigint not null,
  amount_currency text not null,
  amount_details jsonb default '{}'::jsonb not null,
  applied_taxes jsonb default '[]'::jsonb not null,
  billing_entity_id uuid not null,
  charge_filter_id uuid,
  charge_id uuid,
  created_at timestamp(3) with time zone not null,
  customer_id uuid not null,
  deleted_at timestamp(3) with time zone,
  description text,
  event_id uuid,
  event_transaction_id text,
  events_count bigint,
  failed_at timestamp(3) with time zone,
  fee_type text not null,
  from_datetime timestamp(3) with time zone,
  given_tax_ids jsonb default '[]'::jsonb not null,
  grouped_by jsonb default '{}'::jsonb not null,
  id uuid not null,
  invoice_display_name text,
  invoice_id uuid,
  invoiceable boolean default true not null,
  organization_id uuid not null,
  pay_in_advance boolean default false not null,
  payment_status text default 'pending'::text not null,
  "position" integer not null,
  precise_amount_cents numeric(40,15) not null,
  precise_coupons_amount_cents numeric(30,5) default '0'::numeric not null,
  precise_credit_notes_amount_cents numeric(30,5) default '0'::numeric not null,
  precise_unit_amount numeric(40,15) not null,
  presentation jsonb,
  pricing_unit jsonb,
  refunded_at timestamp(3) with time zone,
  subscription_id uuid,
  succeeded_at timestamp(3) with time zone,
  taxes_amount_cents bigint default '0'::bigint not null,
  taxes_base_rate numeric default '1'::numeric not null,
  taxes_precise_amount_cents numeric(40,15) default '0'::numeric not null,
  taxes_rate double precision default 0 not null,
  to_datetime timestamp(3) with time zone,
  total_aggregated_units numeric,
  true_up_parent_fee_id uuid,
  unit_amount_cents bigint not null,
  units numeric not null,
  updated_at timestamp(3) with time zone not null,
  constraint fees_add_on_id_fkey FOREIGN KEY (organization_id, add_on_id) REFERENCES add_ons(organization_id, id) NOT VALID,
  constraint fees_billing_entity_id_fkey FOREIGN KEY (organization_id, billing_entity_id) REFERENCES billing_entities(organization_id, id),
  constraint fees_charge_filter_id_fkey FOREIGN KEY (organization_id, charge_filter_id) REFERENCES charge_filters(organization_id, id) NOT VALID,
  constraint fees_charge_id_fkey FOREIGN KEY (organization_id, charge_id) REFERENCES charges(organization_id, id),
  constraint fees_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint fees_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id),
  constraint fees_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint fees_pkey PRIMARY KEY (id),
  constraint fees_subscription_id_fkey FOREIGN KEY (organization_id, subscription_id) REFERENCES subscriptions(organization_id, id)
);

create table idempotency_keys (
  body text,
  created_at timestamp(3) with time zone not null,
  fingerprint bytea not null,
  id uuid not null,
  key text not null,
  organization_id uuid,
  sealed boolean default false not null,
  status integer,
  workflow_id text,
  constraint idempotency_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint idempotency_keys_pkey PRIMARY KEY (id)
);

create table idempotency_records (
  act text not null,
  created_at timestamp(3) with time zone not null,
  facts jsonb not null,
  idempotency_key bytea not null,
  organization_id uuid not null,
  resource_id uuid,
  resource_type text,
  constraint idempotency_records_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint idempotency_records_pkey PRIMARY KEY (idempotency_key)
);

create table invoice_applied_taxes (
  amount_cents bigint not null,
  amount_currency text not null,
  created_at timestamp(3) with time zone not null,
  fees_amount_cents bigint not null,
  id uuid not null,
  invoice_id uuid not null,
  organization_id uuid not null,
  tax_code text not null,
  tax_description text,
  tax_id uuid,
  tax_name text not null,
  tax_rate numeric not null,
  constraint invoice_applied_taxes_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id),
  constraint invoice_applied_taxes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint invoice_applied_taxes_pkey PRIMARY KEY (id),
  constraint invoice_applied_taxes_tax_id_fkey FOREIGN KEY (organization_id, tax_id) REFERENCES taxes(organization_id, id)
);

create table invoice_errors (
  created_at timestamp(3) with time zone not null,
  details jsonb not null,
  error_code text not null,
  id uuid not null,
  invoice_id uuid not null,
  organization_id uuid not null,
  constraint invoice_errors_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id),
  constraint invoice_errors_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint invoice_errors_pkey PRIMARY KEY (id)
);

create table invoice_sequences (
  billing_entity_id uuid not null,
  customer_id uuid not null,
  organization_id uuid not null,
  sequence integer not null,
  constraint invoice_sequences_billing_entity_id_fkey FOREIGN KEY (organization_id, billing_entity_id) REFERENCES billing_entities(organization_id, id),
  constraint invoice_sequences_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint invoice_sequences_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint invoice_sequences_pkey PRIMARY KEY (customer_id, billing_entity_id)
);

create table invoice_subscriptions (
  charges_from_datetime timestamp(3) with time zone,
  charges_to_datetime timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  fixed_charges_from_datetime timestamp(3) with time zone,
  fixed_charges_to_datetime timestamp(3) with time zone,
  from_datetime timestamp(3) with time zone,
  id uuid not null,
  invoice_id uuid not null,
  invoicing_reason text not null,
  organization_id uuid not null,
  recurring boolean not null,
  subscription_id uuid not null,
  "timestamp" timestamp(3) with time zone not null,
  to_datetime timestamp(3) with time zone,
  constraint invoice_subscriptions_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id),
  constraint invoice_subscriptions_once UNIQUE (invoice_id, subscription_id),
  constraint invoice_subscriptions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint invoice_subscriptions_pkey PRIMARY KEY (id),
  constraint invoice_subscriptions_subscription_id_fkey FOREIGN KEY (organization_id, subscription_id) REFERENCES subscriptions(organization_id, id)
);

create table invoices (
  applied_grace_period integer default 0 not null,
  billing_entity_id uuid not null,
  coupons_amount_cents bigint default '0'::bigint not null,
  created_at timestamp(3) with time zone not null,
  credit_notes_amount_cents bigint default '0'::bigint not null,
  currency text not null,
  customer_id uuid not null,
  entity_sequential_id integer,
  expected_finalization_date date not null,
  fees_amount_cents bigint default '0'::bigint not null,
  finalized_at timestamp(3) with time zone,
  id uuid not null,
  invoice_type text not null,
  issuing_date date not null,
  metadata jsonb default '[]'::jsonb not null,
  net_payment_term integer not null,
  number text not null,
  organization_id uuid not null,
  payment_dispute_lost_at timestamp(3) with time zone,
  payment_due_date date not null,
  payment_overdue boolean default false not null,
  payment_status text not null,
  prepaid_credit_amount_cents bigint default '0'::bigint not null,
  progressive_billing_credit_amount_cents bigint default '0'::bigint not null,
  purchase_order_number text,
  ready_to_be_refreshed boolean default false not null,
  self_billed boolean default false not null,
  sequential_id integer,
  status text not null,
  sub_total_excluding_taxes_amount_cents bigint default '0'::bigint not null,
  sub_total_including_taxes_amount_cents bigint default '0'::bigint not null,
  tax_status text,
  taxes_amount_cents bigint default '0'::bigint not null,
  taxes_rate double precision default 0 not null,
  timezone text not null,
  timezone_data_version text not null,
  total_amount_cents bigint default '0'::bigint not null,
  total_offset_amount_cents bigint default '0'::bigint not null,
  total_paid_amount_cents bigint default '0'::bigint not null,
  updated_at timestamp(3) with time zone not null,
  voided_at timestamp(3) with time zone,
  constraint invoices_billing_entity_id_fkey FOREIGN KEY (organization_id, billing_entity_id) REFERENCES billing_entities(organization_id, id),
  constraint invoices_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint invoices_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint invoices_pkey PRIMARY KEY (id),
  constraint invoices_tenant UNIQUE (organization_id, id)
);

create table mails (
  attempts integer default 0 not null,
  created_at timestamp(3) with time zone not null,
  facts jsonb not null,
  id uuid not null,
  kind text not null,
  locale text not null,
  object_id uuid not null,
  organization_id uuid not null,
  recipient text not null,
  response text,
  sent_at timestamp(3) with time zone,
  status text not null,
  tried_until timestamp(3) with time zone not null,
  constraint mails_one_of_a_kind UNIQUE (organization_id, kind, object_id),
  constraint mails_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint mails_pkey PRIMARY KEY (id)
);

create table mikro_orm_migrations (
  executed_at timestamp(6) with time zone default CURRENT_TIMESTAMP(6) not null,
  id integer default nextval('mikro_orm_migrations_id_seq'::regclass) not null,
  name character varying(255) not null,
  constraint mikro_orm_migrations_pkey PRIMARY KEY (id)
);

create table organizations (
  clock_moves integer default 0 not null,
  clock_now timestamp(3) with time zone,
  created_at timestamp(3) with time zone not null,
  customer_sequence integer default 0 not null,
  id uuid not null,
  name text not null,
  premium_integrations jsonb default '[]'::jsonb not null,
  slug text,
  test_mode boolean default false not null,
  updated_at timestamp(3) with time zone not null,
  webhook_hmac_key text,
  constraint organizations_pkey PRIMARY KEY (id)
);

create table plans (
  amount_cents bigint not null,
  amount_currency text not null,
  bill_charges_monthly boolean,
  bill_fixed_charges_monthly boolean,
  code text not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  description text,
  id uuid not null,
  "interval" text not null,
  invoice_display_name text,
  metadata jsonb,
  name text not null,
  organization_id uuid not null,
  parent_id uuid,
  pay_in_advance boolean not null,
  pending_deletion boolean default false not null,
  trial_period numeric,
  updated_at timestamp(3) with time zone not null,
  constraint plans_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint plans_parent_id_fkey FOREIGN KEY (organization_id, parent_id) REFERENCES plans(organization_id, id),
  constraint plans_pkey PRIMARY KEY (id),
  constraint plans_tenant UNIQUE (organization_id, id)
);

create table pricing_units (
  code text not null,
  created_at timestamp(3) with time zone not null,
  description text,
  id uuid not null,
  name text not null,
  organization_id uuid not null,
  short_name text not null,
  updated_at timestamp(3) with time zone not null,
  constraint pricing_units_code UNIQUE (organization_id, code),
  constraint pricing_units_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint pricing_units_pkey PRIMARY KEY (id),
  constraint pricing_units_tenant UNIQUE (organization_id, id)
);

create table provider_tax_answers (
  answer jsonb not null,
  created_at timestamp(3) with time zone not null,
  fee_ids jsonb not null,
  invoice_id uuid not null,
  organization_id uuid not null,
  constraint provider_tax_answers_invoice_id_fkey FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices(organization_id, id),
  constraint provider_tax_answers_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint provider_tax_answers_pkey PRIMARY KEY (invoice_id)
);

create table running_usages (
  charge_filter_id uuid,
  charge_id uuid not null,
  current_units numeric not null,
  event_amount_cents numeric not null,
  events_count bigint not null,
  fees_amount_cents bigint not null,
  fees_count bigint not null,
  grouped_by jsonb not null,
  highest_prorated_units numeric not null,
  highest_units numeric not null,
  id uuid not null,
  organization_id uuid not null,
  period_from timestamp(3) with time zone not null,
  subscription_id uuid not null,
  units numeric not null,
  updated_at timestamp(3) with time zone not null,
  used_allowance jsonb,
  constraint running_usages_charge_id_fkey FOREIGN KEY (organization_id, charge_id) REFERENCES charges(organization_id, id),
  constraint running_usages_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint running_usages_pkey PRIMARY KEY (id),
  constraint running_usages_subscription_id_fkey FOREIGN KEY (organization_id, subscription_id) REFERENCES subscriptions(organization_id, id)
);

create table server (
  file_store_id text,
  id integer not null,
  temporal_namespace_id text,
  webhook_private_key text,
  constraint server_pkey PRIMARY KEY (id)
);

create table subscriptions (
  activated_at timestamp(3) with time zone,
  billing_entity_id uuid,
  billing_time text not null,
  canceled_at timestamp(3) with time zone,
  cancellation_reason text,
  consolidate_invoice boolean default true not null,
  created_at timestamp(3) with time zone not null,
  customer_id uuid not null,
  ending_at timestamp(3) with time zone,
  ending_set_at timestamp(3) with time zone,
  external_id text not null,
  id uuid not null,
  last_billing_day date,
  name text default ''::text not null,
  on_termination_credit_note text,
  on_termination_invoice text default 'generate'::text not null,
  organization_id uuid not null,
  payment_method_id text,
  payment_method_type text default 'provider'::text not null,
  plan_id uuid not null,
  previous_subscription_id uuid,
  progressive_billing_disabled boolean default false not null,
  purchase_order_number text,
  skip_invoice_custom_sections boolean default false not null,
  started_at timestamp(3) with time zone,
  status text not null,
  subscription_at timestamp(3) with time zone not null,
  terminated_at timestamp(3) with time zone,
  termination_alert_dates jsonb default '[]'::jsonb not null,
  trial_ended_at timestamp(3) with time zone,
  updated_at timestamp(3) with time zone not null,
  usage_from timestamp(3) with time zone,
  constraint subscriptions_billing_entity_id_fkey FOREIGN KEY (organization_id, billing_entity_id) REFERENCES billing_entities(organization_id, id),
  constraint subscriptions_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint subscriptions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint subscriptions_pkey PRIMARY KEY (id),
  constraint subscriptions_plan_id_fkey FOREIGN KEY (organization_id, plan_id) REFERENCES plans(organization_id, id),
  constraint subscriptions_previous_subscription_id_fkey FOREIGN KEY (organization_id, previous_subscription_id) REFERENCES subscriptions(organization_id, id),
  constraint subscriptions_tenant UNIQUE (organization_id, id)
);

create table tax_attachments (
  add_on_id uuid,
  billing_entity_id uuid,
  charge_id uuid,
  created_at timestamp(3) with time zone not null,
  customer_id uuid,
  organization_id uuid not null,
  owner_id uuid not null,
  plan_id uuid,
  tax_id uuid not null,
  constraint tax_attachments_add_on_id_fkey FOREIGN KEY (organization_id, add_on_id) REFERENCES add_ons(organization_id, id),
  constraint tax_attachments_billing_entity_id_fkey FOREIGN KEY (organization_id, billing_entity_id) REFERENCES billing_entities(organization_id, id),
  constraint tax_attachments_charge_id_fkey FOREIGN KEY (organization_id, charge_id) REFERENCES charges(organization_id, id),
  constraint tax_attachments_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint tax_attachments_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint tax_attachments_owner CHECK (((num_nonnulls(customer_id, billing_entity_id, plan_id, charge_id, add_on_id) = 1) AND (owner_id = COALESCE(customer_id, billing_entity_id, plan_id, charge_id, add_on_id)))),
  constraint tax_attachments_pkey PRIMARY KEY (owner_id, tax_id),
  constraint tax_attachments_plan_id_fkey FOREIGN KEY (organization_id, plan_id) REFERENCES plans(organization_id, id),
  constraint tax_attachments_tax_id_fkey FOREIGN KEY (organization_id, tax_id) REFERENCES taxes(organization_id, id)
);

create table taxes (
  auto_generated boolean default false not null,
  code text not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone,
  description text,
  id uuid not null,
  name text not null,
  organization_id uuid not null,
  rate numeric not null,
  updated_at timestamp(3) with time zone not null,
  constraint taxes_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint taxes_pkey PRIMARY KEY (id),
  constraint taxes_tenant UNIQUE (organization_id, id)
);

create table usage_rollups (
  amount numeric,
  code text not null,
  events_count bigint not null,
  external_subscription_id text not null,
  hour timestamp(0) with time zone not null,
  keys jsonb default '{}'::jsonb not null,
  latest text collate "C",
  max numeric,
  moment numeric,
  numeric_events_count bigint not null,
  organization_id uuid not null,
  sum numeric not null,
  constraint usage_rollups_pkey PRIMARY KEY (organization_id, external_subscription_id, code, hour, keys)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02);

create table vies_checks (
  answer jsonb,
  answered_at timestamp(3) with time zone,
  attempts integer default 0 not null,
  created_at timestamp(3) with time zone not null,
  customer_id uuid not null,
  id uuid not null,
  last_attempt_at timestamp(3) with time zone,
  last_error_message text,
  last_error_type text,
  next_attempt_at timestamp(3) with time zone,
  organization_id uuid not null,
  tax_identification_number text not null,
  version integer default 1 not null,
  constraint vies_checks_customer_id_fkey FOREIGN KEY (organization_id, customer_id) REFERENCES customers(organization_id, id),
  constraint vies_checks_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint vies_checks_pkey PRIMARY KEY (id)
);

create table webhook_endpoints (
  created_at timestamp(3) with time zone not null,
  event_types jsonb,
  failures integer default 0 not null,
  id uuid not null,
  name text,
  organization_id uuid not null,
  paused_until timestamp(3) with time zone,
  signature_algo text default 'jwt'::text not null,
  updated_at timestamp(3) with time zone not null,
  webhook_url text not null,
  constraint webhook_endpoints_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES organizations(id),
  constraint webhook_endpoints_pkey PRIMARY KEY (id),
  constraint webhook_endpoints_tenant UNIQUE (organization_id, id),
  constraint webhook_endpoints_url UNIQUE (organization_id, webhook_url)
);

create table webhooks (
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  http_status integer,
  id uuid not null,
  last_retried_at timestamp(3) with time zone,
  next_attempt_at timestamp(3) with time zone,
  object_id uuid not null,
  object_type text not null,
  organization_id uuid not null,
  payload text not null,
  place text default 'arrived'::text not null,
  response text,
  retries integer default 0 not null,
  sequence bigint default nextval('webhooks_sequence_seq'::regclass) not null,
  status text default 'pending'::text not null,
  updated_at timestamp(3) with time zone not null,
  webhook_endpoint_id uuid not null,
  webhook_type text not null,
  constraint webhooks_pkey PRIMARY KEY (id),
  constraint webhooks_sequence UNIQUE (sequence),
  constraint webhooks_webhook_endpoint_id_fkey FOREIGN KEY (organization_id, webhook_endpoint_id) REFERENCES webhook_endpoints(organization_id, id) ON DELETE CASCADE
) with (autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02);
CREATE INDEX acts_busy_of_organization ON acts USING btree (organization_id) WHERE (state = ANY (ARRAY['wanted'::text, 'working'::text]));
CREATE INDEX acts_done ON acts USING btree (changed_at) WHERE (state = 'done'::text);
CREATE INDEX acts_newest ON acts USING btree (organization_id, created_at, id);
CREATE INDEX acts_not_done ON acts USING btree (kind, state) WHERE (state <> 'done'::text);
CREATE INDEX acts_of_invoice ON acts USING btree (organization_id, invoice_id) WHERE (invoice_id IS NOT NULL);
CREATE INDEX acts_of_subscription ON acts USING btree (organization_id, subscription_id) WHERE (subscription_id IS NOT NULL);
CREATE INDEX acts_open_by_due ON acts USING btree (due_at, organization_id) WHERE (state = ANY (ARRAY['wanted'::text, 'waiting'::text, 'working'::text]));
CREATE INDEX acts_open_of_customer ON acts USING btree (customer_id, due_at) WHERE (state = ANY (ARRAY['wanted'::text, 'waiting'::text, 'working'::text]));
CREATE INDEX acts_open_of_organization ON acts USING btree (organization_id, due_at, rank) WHERE (state = ANY (ARRAY['wanted'::text, 'waiting'::text, 'working'::text]));
CREATE INDEX acts_wanted ON acts USING btree (leased_until) WHERE (state = 'wanted'::text);
CREATE INDEX add_ons_newest ON add_ons USING btree (organization_id, created_at, id);
CREATE INDEX api_keys_newest ON api_keys USING btree (organization_id, created_at, id);
CREATE INDEX applied_coupons_active ON applied_coupons USING btree (customer_id) WHERE (status = 'active'::text);
CREATE INDEX applied_coupons_newest ON applied_coupons USING btree (organization_id, created_at, id);
CREATE INDEX applied_coupons_of_coupon ON applied_coupons USING btree (coupon_id, customer_id);
CREATE INDEX applied_coupons_of_customer ON applied_coupons USING btree (customer_id, created_at, id);
CREATE INDEX billable_metrics_newest ON billable_metrics USING btree (organization_id, created_at, id);
CREATE INDEX charge_filters_of_charge ON charge_filters USING btree (charge_id, "position") WHERE (deleted_at IS NULL);
CREATE INDEX charges_in_advance ON charges USING btree (organization_id, billable_metric_id) WHERE (pay_in_advance AND (deleted_at IS NULL));
CREATE INDEX charges_of_metric ON charges USING btree (organization_id, billable_metric_id);
CREATE INDEX charges_of_plan ON charges USING btree (organization_id, plan_id, "position");
CREATE INDEX coupons_newest ON coupons USING btree (organization_id, created_at, id);
CREATE INDEX credit_note_applied_taxes_of_note ON credit_note_applied_taxes USING btree (credit_note_id, id);
CREATE INDEX credit_note_applied_taxes_of_tax ON credit_note_applied_taxes USING btree (organization_id, tax_id);
CREATE INDEX credit_note_items_of_fee ON credit_note_items USING btree (fee_id);
CREATE INDEX credit_note_items_of_note ON credit_note_items USING btree (credit_note_id, id);
CREATE INDEX credit_notes_newest ON credit_notes USING btree (organization_id, created_at, id);
CREATE INDEX credit_notes_of_customer ON credit_notes USING btree (organization_id, customer_id, created_at);
CREATE INDEX credit_notes_open ON credit_notes USING btree (customer_id, created_at, id) WHERE ((status = 'finalized'::text) AND (credit_status = 'available'::text) AND (balance_amount_cents > 0));
CREATE INDEX credits_of_applied_coupon ON credits USING btree (applied_coupon_id, invoice_id);
CREATE INDEX customers_newest ON customers USING btree (organization_id, created_at, id);
CREATE INDEX data_exports_newest ON data_exports USING btree (organization_id, created_at, id);
CREATE INDEX events_newest ON events USING btree (organization_id, "timestamp", transaction_id);
CREATE INDEX events_of_code ON events USING btree (organization_id, code, "timestamp");
CREATE INDEX events_of_subscription ON events USING btree (organization_id, external_subscription_id, code, "timestamp");
CREATE INDEX fees_newest ON fees USING btree (organization_id, created_at, id);
CREATE INDEX fees_of_customer ON fees USING btree (organization_id, customer_id, created_at, id);
CREATE INDEX fees_of_event_transaction ON fees USING btree (organization_id, event_transaction_id) WHERE (event_transaction_id IS NOT NULL);
CREATE INDEX fees_of_invoice ON fees USING btree (organization_id, invoice_id, "position");
CREATE INDEX fees_of_subscription ON fees USING btree (organization_id, subscription_id);
CREATE INDEX fees_without_invoice ON fees USING btree (organization_id, customer_id) WHERE ((invoice_id IS NULL) AND (deleted_at IS NULL));
CREATE INDEX idempotency_keys_oldest ON idempotency_keys USING btree (created_at);
CREATE INDEX idempotency_records_of_resource ON idempotency_records USING btree (organization_id, resource_type, resource_id) WHERE (resource_id IS NOT NULL);
CREATE INDEX invoice_applied_taxes_of_invoice ON invoice_applied_taxes USING btree (invoice_id, id);
CREATE INDEX invoice_applied_taxes_of_tax ON invoice_applied_taxes USING btree (organization_id, tax_id);
CREATE INDEX invoice_errors_of_invoice ON invoice_errors USING btree (organization_id, invoice_id);
CREATE INDEX invoice_subscriptions_of_subscription ON invoice_subscriptions USING btree (organization_id, subscription_id, "timestamp");
CREATE INDEX invoices_drafts ON invoices USING btree (organization_id, id) WHERE (status = 'draft'::text);
CREATE INDEX invoices_drafts_of_customer ON invoices USING btree (customer_id) WHERE (status = 'draft'::text);
CREATE INDEX invoices_drafts_of_entity ON invoices USING btree (billing_entity_id, id) WHERE (status = 'draft'::text);
CREATE INDEX invoices_newest ON invoices USING btree (organization_id, issuing_date, created_at, id);
CREATE INDEX invoices_of_customer ON invoices USING btree (organization_id, customer_id, issuing_date);
CREATE INDEX invoices_open ON invoices USING btree (status) WHERE (status = ANY (ARRAY['draft'::text, 'generating'::text, 'failed'::text, 'pending'::text]));
CREATE INDEX plans_newest ON plans USING btree (organization_id, created_at, id);
CREATE INDEX pricing_units_newest ON pricing_units USING btree (organization_id, created_at, id);
CREATE INDEX running_usages_of_charge ON running_usages USING btree (organization_id, subscription_id, charge_id);
CREATE INDEX subscriptions_external_id ON subscriptions USING btree (organization_id, external_id);
CREATE INDEX subscriptions_newest ON subscriptions USING btree (organization_id, subscription_at, created_at, id);
CREATE INDEX subscriptions_of_customer ON subscriptions USING btree (organization_id, customer_id);
CREATE INDEX subscriptions_of_plan ON subscriptions USING btree (organization_id, plan_id);
CREATE INDEX tax_attachments_of_tax ON tax_attachments USING btree (organization_id, tax_id);
CREATE INDEX taxes_newest ON taxes USING btree (organization_id, created_at, id);
CREATE INDEX vies_checks_of_customer ON vies_checks USING btree (organization_id, customer_id, created_at);
CREATE INDEX webhooks_arrived ON webhooks USING btree (webhook_endpoint_id, sequence) WHERE (place = 'arrived'::text);
CREATE INDEX webhooks_heads ON webhooks USING btree (webhook_endpoint_id, next_attempt_at) WHERE (place = 'head'::text);
CREATE INDEX webhooks_left ON webhooks USING btree (expires_at) WHERE (place = 'left'::text);
CREATE INDEX webhooks_newest ON webhooks USING btree (organization_id, created_at, id);
CREATE INDEX webhooks_of_endpoint ON webhooks USING btree (organization_id, webhook_endpoint_id, created_at);
CREATE INDEX webhooks_of_object ON webhooks USING btree (webhook_endpoint_id, object_id, sequence) WHERE (place = ANY (ARRAY['head'::text, 'behind'::text]));
CREATE UNIQUE INDEX add_ons_code ON add_ons USING btree (organization_id, code) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX billable_metrics_code ON billable_metrics USING btree (organization_id, code) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX billing_entities_one_default ON billing_entities USING btree (organization_id) WHERE is_default;
CREATE UNIQUE INDEX charges_code ON charges USING btree (organization_id, plan_id, code) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX coupons_code ON coupons USING btree (organization_id, code) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX credit_notes_one_termination ON credit_notes USING btree (terminated_subscription_id) WHERE (terminated_subscription_id IS NOT NULL);
CREATE UNIQUE INDEX credits_credit_note_once ON credits USING btree (credit_note_id, invoice_id) WHERE (credit_note_id IS NOT NULL);
CREATE UNIQUE INDEX customers_external_id ON customers USING btree (organization_id, external_id) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX fees_one_of_event ON fees USING btree (event_id, charge_id) WHERE (event_id IS NOT NULL);
CREATE UNIQUE INDEX fees_one_subscription_fee ON fees USING btree (invoice_id, subscription_id) WHERE ((fee_type = 'subscription'::text) AND (invoice_id IS NOT NULL));
CREATE UNIQUE INDEX idempotency_keys_key ON idempotency_keys USING btree (organization_id, key) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX invoice_subscriptions_charges_window ON invoice_subscriptions USING btree (subscription_id, charges_from_datetime, charges_to_datetime) WHERE recurring;
CREATE UNIQUE INDEX invoice_subscriptions_starting ON invoice_subscriptions USING btree (subscription_id) WHERE (invoicing_reason = 'subscription_starting'::text);
CREATE UNIQUE INDEX invoice_subscriptions_terminating ON invoice_subscriptions USING btree (subscription_id) WHERE (invoicing_reason = 'subscription_terminating'::text);
CREATE UNIQUE INDEX invoices_entity_sequence ON invoices USING btree (billing_entity_id, entity_sequential_id) WHERE (entity_sequential_id IS NOT NULL);
CREATE UNIQUE INDEX invoices_sequence ON invoices USING btree (customer_id, billing_entity_id, sequential_id) WHERE (sequential_id IS NOT NULL);
CREATE UNIQUE INDEX plans_code ON plans USING btree (organization_id, code) WHERE ((deleted_at IS NULL) AND (parent_id IS NULL));
CREATE UNIQUE INDEX subscriptions_one_active ON subscriptions USING btree (organization_id, external_id) WHERE (status = 'active'::text);
CREATE UNIQUE INDEX subscriptions_one_incomplete ON subscriptions USING btree (organization_id, external_id) WHERE (status = 'incomplete'::text);
CREATE UNIQUE INDEX subscriptions_one_pending ON subscriptions USING btree (organization_id, external_id) WHERE ((status = 'pending'::text) AND (previous_subscription_id IS NULL));
CREATE UNIQUE INDEX taxes_code ON taxes USING btree (organization_id, code) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX vies_checks_pending ON vies_checks USING btree (customer_id) WHERE (answered_at IS NULL);
