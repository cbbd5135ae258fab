import { Migration } from '@mikro-orm/migrations';

export class Migration20261124020000Idempotency extends Migration {
  override up(): void {
    this.addSql(
      `create table "idempotency_records" ("idempotency_key" bytea not null, "organization_id" uuid not null, "act" text not null, "facts" jsonb not null, "resource_type" text null, "resource_id" uuid null, "created_at" timestamptz(3) not null, primary key ("idempotency_key"))`,
    );
    this.addSql(
      `create index idempotency_records_of_resource on idempotency_records (organization_id, resource_type, resource_id) where resource_id is not null`,
    );
    this.addSql(
      `create table "idempotency_keys" ("id" uuid not null, "organization_id" uuid null, "key" text not null, "fingerprint" bytea not null, "status" int not null, "workflow_id" text null, "body" text not null, "sealed" boolean not null default false, "created_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create unique index idempotency_keys_key on idempotency_keys (organization_id, key) nulls not distinct`,
    );
    this.addSql(`create index "idempotency_keys_oldest" on "idempotency_keys" ("created_at")`);
    this.addSql(`create index "api_keys_newest" on "api_keys" ("organization_id", "created_at", "id")`);
    this.addSql(
      `alter table "idempotency_records" add constraint "idempotency_records_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "idempotency_keys" add constraint "idempotency_keys_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
  }
}
