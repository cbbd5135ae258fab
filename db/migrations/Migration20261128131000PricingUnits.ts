import { Migration } from '@mikro-orm/migrations';

/** Units of an organization's own in which charges say their prices, and what fees cost in them. */
export class Migration20261128131000PricingUnits extends Migration {
  override up(): void {
    this.addSql(
      `create table "pricing_units" ("id" uuid not null, "organization_id" uuid not null, "code" text not null,
         "name" text not null, "short_name" text not null, "description" text null,
         "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`alter table "pricing_units" add constraint "pricing_units_tenant" unique ("organization_id", "id")`);
    this.addSql(`alter table "pricing_units" add constraint "pricing_units_code" unique ("organization_id", "code")`);
    this.addSql(`create index "pricing_units_newest" on "pricing_units" ("organization_id", "created_at", "id")`);
    this.addSql(
      `alter table "pricing_units" add constraint "pricing_units_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
    );
    this.addSql('alter table "charges" add "pricing_unit_id" uuid null, add "pricing_unit_rate" numeric null');
    this.addSql(
      `alter table "charges" add constraint "charges_pricing_unit_id_fkey"
         foreign key ("organization_id", "pricing_unit_id") references "pricing_units" ("organization_id", "id")
         not valid`,
    );
    this.addSql('alter table "fees" add "pricing_unit" jsonb null');
  }
}
