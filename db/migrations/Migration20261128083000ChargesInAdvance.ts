import { Migration } from '@mikro-orm/migrations';

/** Where the usage of charges in advance stands, and of which events their fees are. */
export class Migration20261128083000ChargesInAdvance extends Migration {
  override up(): void {
    this.addSql(
      `create table "running_usages" ("id" uuid not null, "organization_id" uuid not null,
         "subscription_id" uuid not null, "charge_id" uuid not null, "charge_filter_id" uuid null,
         "grouped_by" jsonb not null, "period_from" timestamptz(3) not null, "current_units" numeric not null,
         "highest_units" numeric not null, "highest_prorated_units" numeric not null, "units" numeric not null,
         "events_count" bigint not null, "event_amount_cents" numeric not null, "used_allowance" jsonb null,
         "fees_amount_cents" bigint not null, "fees_count" bigint not null, "updated_at" timestamptz(3) not null,
         primary key ("id"))`,
    );
    this.addSql(
      `create index "running_usages_of_charge" on "running_usages" ("organization_id", "subscription_id", "charge_id")`,
    );
    this.addSql(
      `alter table "running_usages" add constraint "running_usages_organization_id_fkey" foreign key
         ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "running_usages" add constraint "running_usages_subscription_id_fkey" foreign key
         ("organization_id", "subscription_id") references "subscriptions" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "running_usages" add constraint "running_usages_charge_id_fkey" foreign key
         ("organization_id", "charge_id") references "charges" ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "fees" add "event_id" uuid null, add "event_transaction_id" text null,
         add "deleted_at" timestamptz(3) null`,
    );
  }
}
