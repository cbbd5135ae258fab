import { Migration } from '@mikro-orm/migrations';

/** Exports of lists as files, the parts they are made in, and which store of files the workers have. */
export class Migration20261128084000DataExports extends Migration {
  override up(): void {
    this.addSql(
      `create table "data_exports" ("id" uuid not null, "organization_id" uuid not null, "resource_type" text not null,
         "format" text not null, "status" text not null, "filters" jsonb not null, "filter" jsonb not null,
         "columns" jsonb null, "parts_count" int null, "parts_done" int not null default 0,
         "rows_count" bigint not null default '0', "bytes_count" bigint not null default '0', "error" text null,
         "storage_fails_since" timestamptz(3) null, "notify_email" text null, "requested_by" uuid null,
         "started_at" timestamptz(3) null, "completed_at" timestamptz(3) null, "expires_at" timestamptz(3) null,
         "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(`alter table "data_exports" add constraint "data_exports_tenant" unique ("organization_id", "id")`);
    this.addSql(`create index "data_exports_newest" on "data_exports" ("organization_id", "created_at", "id")`);
    this.addSql(
      `create table "data_export_parts" ("data_export_id" uuid not null, "index" int not null,
         "organization_id" uuid not null, "object_ids" uuid[] not null, "file" text null, "rows_count" int null,
         "bytes_count" bigint null, "completed_at" timestamptz(3) null, primary key ("data_export_id", "index"))`,
    );
    for (const table of ['data_exports', 'data_export_parts']) {
      this.addSql(
        `alter table "${table}" add constraint "${table}_organization_id_fkey" foreign key ("organization_id")
           references "organizations" ("id")`,
      );
    }
    this.addSql(
      `alter table "data_export_parts" add constraint "data_export_parts_data_export_id_fkey" foreign key
         ("organization_id", "data_export_id") references "data_exports" ("organization_id", "id")`,
    );
    this.addSql(`alter table "server" add column "file_store_id" text null`);
  }
}
