import { Migration } from '@mikro-orm/migrations';

/** Taxes, what they are attached to and what they were on invoices; add-ons; the checks of VAT numbers. */
export class Migration20261128010000Taxes extends Migration {
  override up(): void {
    this.addSql(
      `create table "taxes" ("id" uuid not null, "organization_id" uuid not null, "code" text not null,
         "name" text not null, "description" text null, "rate" numeric not null,
         "auto_generated" boolean not null default false, "deleted_at" timestamptz(3) null,
         "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`alter table "taxes" add constraint "taxes_tenant" unique ("organization_id", "id")`);
    this.addSql(`create unique index taxes_code on taxes (organization_id, code) where deleted_at is null`);
    this.addSql(`create index "taxes_newest" on "taxes" ("organization_id", "created_at", "id")`);
    this.addSql(
      `alter table "taxes" add constraint "taxes_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
    );

    this.addSql(
      `create table "add_ons" ("id" uuid not null, "organization_id" uuid not null, "code" text not null,
         "name" text not null, "invoice_display_name" text null, "description" text null,
         "amount_cents" bigint not null, "amount_currency" text not null, "deleted_at" timestamptz(3) null,
         "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`alter table "add_ons" add constraint "add_ons_tenant" unique ("organization_id", "id")`);
    this.addSql(`create unique index add_ons_code on add_ons (organization_id, code) where deleted_at is null`);
    this.addSql(`create index "add_ons_newest" on "add_ons" ("organization_id", "created_at", "id")`);
    this.addSql(
      `alter table "add_ons" add constraint "add_ons_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
    );

    this.addSql(
      `create table "tax_attachments" ("owner_id" uuid not null, "tax_id" uuid not null,
         "organization_id" uuid not null, "customer_id" uuid null, "billing_entity_id" uuid null, "plan_id" uuid null,
         "charge_id" uuid null, "add_on_id" uuid null, "created_at" timestamptz(3) not null, primary key ("owner_id",
         "tax_id"))`,
    );
    this.addSql(
      `alter table "tax_attachments" add constraint "tax_attachments_owner" check (num_nonnulls(customer_id,
         billing_entity_id, plan_id, charge_id, add_on_id) = 1 and owner_id = coalesce(customer_id, billing_entity_id,
         plan_id, charge_id, add_on_id))`,
    );
    this.addSql(`create index "tax_attachments_of_tax" on "tax_attachments" ("organization_id", "tax_id")`);
    this.addSql(
      `alter table "tax_attachments" add constraint "tax_attachments_organization_id_fkey"
         foreign key ("organization_id") references "organizations" ("id")`,
    );
    for (const [column, table] of [
      ['tax_id', 'taxes'],
      ['customer_id', 'customers'],
      ['billing_entity_id', 'billing_entities'],
      ['plan_id', 'plans'],
      ['charge_id', 'charges'],
      ['add_on_id', 'add_ons'],
    ]) {
      this.addSql(
        `alter table "tax_attachments" add constraint "tax_attachments_${column}_fkey" foreign key ("organization_id",
           "${column}") references "${table}" ("organization_id", "id")`,
      );
    }

    this.addSql(
      `create table "invoice_applied_taxes" ("id" uuid not null, "organization_id" uuid not null,
         "invoice_id" uuid not null, "tax_id" uuid null, "tax_code" text not null, "tax_name" text not null,
         "tax_description" text null, "tax_rate" numeric not null, "fees_amount_cents" bigint not null,
         "amount_cents" bigint not null, "amount_currency" text not null, "created_at" timestamptz(3) not null,
         primary key ("id"))`,
    );
    this.addSql(`create index "invoice_applied_taxes_of_invoice" on "invoice_applied_taxes" ("invoice_id", "id")`);
    this.addSql(`create index "invoice_applied_taxes_of_tax" on "invoice_applied_taxes" ("organization_id", "tax_id")`);
    this.addSql(
      `alter table "invoice_applied_taxes" add constraint "invoice_applied_taxes_organization_id_fkey"
         foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "invoice_applied_taxes" add constraint "invoice_applied_taxes_invoice_id_fkey"
         foreign key ("organization_id", "invoice_id") references "invoices" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "invoice_applied_taxes" add constraint "invoice_applied_taxes_tax_id_fkey"
         foreign key ("organization_id", "tax_id") references "taxes" ("organization_id", "id")`,
    );

    this.addSql(
      `create table "vies_checks" ("id" uuid not null, "organization_id" uuid not null, "customer_id" uuid not null,
         "tax_identification_number" text not null, "version" int not null default 1,
         "attempts" int not null default 0, "next_attempt_at" timestamptz(3) null,
         "last_attempt_at" timestamptz(3) null, "last_error_type" text null, "last_error_message" text null,
         "answer" jsonb null, "answered_at" timestamptz(3) null, "created_at" timestamptz(3) not null,
         primary key ("id"))`,
    );
    this.addSql(`create unique index vies_checks_pending on vies_checks (customer_id) where answered_at is null`);
    this.addSql(
      `create index "vies_checks_of_customer" on "vies_checks" ("organization_id", "customer_id", "created_at")`,
    );
    this.addSql(
      `alter table "vies_checks" add constraint "vies_checks_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "vies_checks" add constraint "vies_checks_customer_id_fkey" foreign key ("organization_id",
         "customer_id") references "customers" ("organization_id", "id")`,
    );

    this.addSql(
      `alter table "fees" add "add_on_id" uuid null, add "taxes_base_rate" numeric not null default '1',
         add "given_tax_ids" jsonb not null default '[]', add "applied_taxes" jsonb not null default '[]'`,
    );
    this.addSql(
      `alter table "fees" add constraint "fees_add_on_id_fkey" foreign key ("organization_id", "add_on_id")
         references "add_ons" ("organization_id", "id") not valid`,
    );
    this.addSql(
      `alter table "invoices" add "taxes_rate" double precision not null default 0, add "tax_status" text null`,
    );
  }
}
