import { Migration } from '@mikro-orm/migrations';

/** Which values of unique counts are there, for charges in advance. */
export class Migration20261128113000CountedItems extends Migration {
  override up(): void {
    this.addSql(
      `create table "counted_items" ("owner_id" uuid not null, "value" text not null, "organization_id" uuid not null,
         "is_there" boolean not null, primary key ("owner_id", "value"))`,
    );
    this.addSql(
      `alter table "counted_items" add constraint "counted_items_organization_id_fkey" foreign key
         ("organization_id") references "organizations" ("id")`,
    );
  }
}
