import { Migration } from '@mikro-orm/migrations';

/** Prices of a charge for events with certain properties. */
export class Migration20261128081000ChargeFilters extends Migration {
  override up(): void {
    this.addSql(
      `create table "charge_filters" ("id" uuid not null, "organization_id" uuid not null, "charge_id" uuid not null,
         "values" jsonb not null, "properties" jsonb not null, "invoice_display_name" text null, "position" int not
         null, "deleted_at" timestamptz(3) null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3)
         not null, primary key ("id"))`,
    );
    this.addSql(`alter table "charge_filters" add constraint "charge_filters_tenant" unique ("organization_id", "id")`);
    this.addSql(
      `create index charge_filters_of_charge on charge_filters (charge_id, position) where deleted_at is null`,
    );
    this.addSql(
      `alter table "charge_filters" add constraint "charge_filters_organization_id_fkey" foreign key
         ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "charge_filters" add constraint "charge_filters_charge_id_fkey" foreign key ("organization_id",
         "charge_id") references "charges" ("organization_id", "id")`,
    );
    // Fees that are there have none.
    this.addSql(
      `alter table "fees" add constraint "fees_charge_filter_id_fkey" foreign key ("organization_id",
         "charge_filter_id") references "charge_filters" ("organization_id", "id") not valid`,
    );
  }
}
