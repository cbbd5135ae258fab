import { Migration } from '@mikro-orm/migrations';

/** Credit notes with their items and taxes, and what they pay of invoices and fees. */
export class Migration20261128080000CreditNotes extends Migration {
  override up(): void {
    this.addSql(
      `create table "credit_notes" ("id" uuid not null, "organization_id" uuid not null, "customer_id" uuid not null,
         "invoice_id" uuid not null, "terminated_subscription_id" uuid null, "sequential_id" int not null,
         "number" text not null, "status" text not null, "credit_status" text null, "refund_status" text null,
         "reason" text not null, "description" text null, "currency" text not null, "issuing_date" date not null,
         "credit_amount_cents" bigint not null, "refund_amount_cents" bigint not null,
         "offset_amount_cents" bigint not null, "total_amount_cents" bigint not null,
         "balance_amount_cents" bigint not null, "sub_total_excluding_taxes_amount_cents" bigint not null,
         "coupons_adjustment_amount_cents" bigint not null,
         "precise_coupons_adjustment_amount_cents" numeric(30,5) not null, "taxes_amount_cents" bigint not null,
         "precise_taxes_amount_cents" numeric(30,5) not null, "taxes_rate" double precision not null,
         "metadata" jsonb null, "refunded_at" timestamptz(3) null, "voided_at" timestamptz(3) null,
         "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`alter table "credit_notes" add constraint "credit_notes_tenant" unique ("organization_id", "id")`);
    this.addSql(
      `alter table "credit_notes" add constraint "credit_notes_amounts" check (credit_amount_cents >= 0
         and refund_amount_cents >= 0 and offset_amount_cents >= 0
         and total_amount_cents = credit_amount_cents + refund_amount_cents + offset_amount_cents
         and total_amount_cents = sub_total_excluding_taxes_amount_cents + taxes_amount_cents
         and balance_amount_cents >= 0
         and balance_amount_cents <= credit_amount_cents)`,
    );
    this.addSql(
      `alter table "credit_notes" add constraint "credit_notes_number_in_invoice" unique ("invoice_id",
         "sequential_id")`,
    );
    this.addSql(
      `create unique index credit_notes_one_termination on credit_notes (terminated_subscription_id)
         where terminated_subscription_id is not null`,
    );
    this.addSql(
      `create index credit_notes_open on credit_notes (customer_id, created_at, id)
         where status = 'finalized' and credit_status = 'available' and balance_amount_cents > 0`,
    );
    this.addSql(`create index "credit_notes_newest" on "credit_notes" ("organization_id", "created_at", "id")`);
    this.addSql(
      `create index "credit_notes_of_customer" on "credit_notes" ("organization_id", "customer_id", "created_at")`,
    );

    this.addSql(
      `create table "credit_note_items" ("id" uuid not null, "organization_id" uuid not null,
         "credit_note_id" uuid not null, "fee_id" uuid not null, "amount_cents" bigint not null,
         "precise_amount_cents" numeric(30,5) not null, "amount_currency" text not null,
         "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`create index "credit_note_items_of_note" on "credit_note_items" ("credit_note_id", "id")`);
    this.addSql(`create index "credit_note_items_of_fee" on "credit_note_items" ("fee_id")`);

    this.addSql(
      `create table "credit_note_applied_taxes" ("id" uuid not null, "organization_id" uuid not null,
         "credit_note_id" uuid not null, "tax_id" uuid null, "tax_code" text not null, "tax_name" text not null,
         "tax_description" text null, "tax_rate" numeric not null, "base_amount_cents" bigint not null,
         "amount_cents" bigint not null, "amount_currency" text not null, "created_at" timestamptz(3) not null,
         primary key ("id"))`,
    );
    this.addSql(
      `create index "credit_note_applied_taxes_of_note" on "credit_note_applied_taxes" ("credit_note_id", "id")`,
    );
    this.addSql(
      `create index "credit_note_applied_taxes_of_tax" on "credit_note_applied_taxes" ("organization_id", "tax_id")`,
    );

    for (const table of ['credit_notes', 'credit_note_items', 'credit_note_applied_taxes']) {
      this.addSql(
        `alter table "${table}" add constraint "${table}_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
      );
    }
    for (const [table, column, referenced] of [
      ['credit_notes', 'customer_id', 'customers'],
      ['credit_notes', 'invoice_id', 'invoices'],
      ['credit_notes', 'terminated_subscription_id', 'subscriptions'],
      ['credit_note_items', 'credit_note_id', 'credit_notes'],
      ['credit_note_applied_taxes', 'credit_note_id', 'credit_notes'],
      ['credit_note_applied_taxes', 'tax_id', 'taxes'],
    ]) {
      this.addSql(
        `alter table "${table}" add constraint "${table}_${column}_fkey" foreign key ("organization_id",
         "${column}") references "${referenced}" ("organization_id", "id")`,
      );
    }

    this.addSql(`alter table "credits" alter column "applied_coupon_id" drop not null`);
    this.addSql(`alter table "credits" add "credit_note_id" uuid null`);
    this.addSql(
      `-- allow validates-at-once: no release has made the table yet
       alter table "credits" add constraint "credits_one_source" check (num_nonnulls(applied_coupon_id,
         credit_note_id) = 1)`,
    );
    this.addSql(
      `alter table "credits" add constraint "credits_credit_note_id_fkey" foreign key ("organization_id",
         "credit_note_id") references "credit_notes" ("organization_id", "id") not valid`,
    );
    this.addSql(
      `-- allow create-index: no release has made the table yet
       create unique index credits_credit_note_once on credits (credit_note_id, invoice_id)
         where credit_note_id is not null`,
    );
    this.addSql(`alter table "fees" add "precise_credit_notes_amount_cents" numeric(30,5) not null default '0'`);
  }
}
