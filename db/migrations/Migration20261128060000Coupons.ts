import { Migration } from '@mikro-orm/migrations';

/** Coupons, what they are limited to, the customers who have them, and what they took off invoices. */
export class Migration20261128060000Coupons extends Migration {
  override up(): void {
    this.addSql(
      `create table "coupons" ("id" uuid not null, "organization_id" uuid not null, "code" text not null,
         "name" text not null, "description" text null, "coupon_type" text not null, "amount_cents" bigint null,
         "amount_currency" text null, "percentage_rate" numeric null, "frequency" text not null,
         "frequency_duration" int null, "reusable" boolean not null, "expiration" text not null, "expiration_at"
         timestamptz(3) null, "terminated_at" timestamptz(3) null, "deleted_at" timestamptz(3) null, "created_at"
         timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`alter table "coupons" add constraint "coupons_tenant" unique ("organization_id", "id")`);
    this.addSql(`create unique index coupons_code on coupons (organization_id, code) where deleted_at is null`);
    this.addSql(`create index "coupons_newest" on "coupons" ("organization_id", "created_at", "id")`);
    this.addSql(
      `alter table "coupons" add constraint "coupons_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
    );

    this.addSql(
      `create table "coupon_targets" ("coupon_id" uuid not null, "target_id" uuid not null, "organization_id"
         uuid not null, "plan_id" uuid null, "billable_metric_id" uuid null, primary key ("coupon_id",
         "target_id"))`,
    );
    this.addSql(
      `alter table "coupon_targets" add constraint "coupon_targets_target" check (num_nonnulls(plan_id,
         billable_metric_id) = 1 and target_id = coalesce(plan_id, billable_metric_id))`,
    );

    this.addSql(
      `create table "applied_coupons" ("id" uuid not null, "organization_id" uuid not null, "customer_id" uuid
         not null, "coupon_id" uuid not null, "status" text not null, "amount_cents" bigint null,
         "amount_currency" text null, "percentage_rate" numeric null, "frequency" text not null,
         "frequency_duration" int null, "frequency_duration_remaining" int null, "terminated_at" timestamptz(3)
         null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `alter table "applied_coupons" add constraint "applied_coupons_tenant" unique ("organization_id", "id")`,
    );
    this.addSql(`create index applied_coupons_active on applied_coupons (customer_id) where status = 'active'`);
    this.addSql(`create index "applied_coupons_of_customer" on "applied_coupons" ("customer_id", "created_at", "id")`);
    this.addSql(`create index "applied_coupons_of_coupon" on "applied_coupons" ("coupon_id", "customer_id")`);
    this.addSql(`create index "applied_coupons_newest" on "applied_coupons" ("organization_id", "created_at", "id")`);

    this.addSql(
      `create table "credits" ("id" uuid not null, "organization_id" uuid not null, "invoice_id" uuid not null,
         "applied_coupon_id" uuid not null, "amount_cents" bigint not null, "amount_currency" text not null,
         "before_taxes" boolean not null, "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `alter table "credits" add constraint "credits_coupon_once" unique ("invoice_id", "applied_coupon_id")`,
    );
    this.addSql(`create index "credits_of_applied_coupon" on "credits" ("applied_coupon_id", "invoice_id")`);

    for (const table of ['coupon_targets', 'applied_coupons', 'credits']) {
      this.addSql(
        `alter table "${table}" add constraint "${table}_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
      );
    }
    for (const [table, column, referenced] of [
      ['coupon_targets', 'coupon_id', 'coupons'],
      ['coupon_targets', 'plan_id', 'plans'],
      ['coupon_targets', 'billable_metric_id', 'billable_metrics'],
      ['applied_coupons', 'customer_id', 'customers'],
      ['applied_coupons', 'coupon_id', 'coupons'],
      ['credits', 'invoice_id', 'invoices'],
      ['credits', 'applied_coupon_id', 'applied_coupons'],
    ]) {
      this.addSql(
        `alter table "${table}" add constraint "${table}_${column}_fkey" foreign key ("organization_id",
         "${column}") references "${referenced}" ("organization_id", "id")`,
      );
    }
  }
}
