import { Migration } from '@mikro-orm/migrations';

/** Customers whom an external provider taxes, and what it has said of their invoices. */
export class Migration20261128053000TaxProviders extends Migration {
  override up(): void {
    this.addSql(`alter table "customers" add "tax_provider_code" text null`);
    this.addSql(
      `create table "provider_tax_answers" (
         "invoice_id" uuid not null, "organization_id" uuid not null, "fee_ids" jsonb not null, "answer" jsonb not null,
         "created_at" timestamptz(3) not null, primary key ("invoice_id"))`,
    );
    this.addSql(
      `alter table "provider_tax_answers" add constraint "provider_tax_answers_organization_id_fkey"
         foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "provider_tax_answers" add constraint "provider_tax_answers_invoice_id_fkey"
         foreign key ("organization_id", "invoice_id") references "invoices" ("organization_id", "id")`,
    );
  }
}
