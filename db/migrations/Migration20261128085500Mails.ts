import { Migration } from '@mikro-orm/migrations';

/** Mails, each sent by an act of its own. */
export class Migration20261128085500Mails extends Migration {
  override up(): void {
    this.addSql(
      `create table "mails" ("id" uuid not null, "organization_id" uuid not null, "kind" text not null,
         "object_id" uuid not null, "recipient" text not null, "facts" jsonb not null, "locale" text not null,
         "status" text not null, "attempts" int not null default 0, "response" text null,
         "tried_until" timestamptz(3) not null, "sent_at" timestamptz(3) null, "created_at" timestamptz(3) not null,
         primary key ("id"))`,
    );
    this.addSql(
      `alter table "mails" add constraint "mails_one_of_a_kind" unique ("organization_id", "kind", "object_id")`,
    );
    this.addSql(
      `alter table "mails" add constraint "mails_organization_id_fkey" foreign key ("organization_id")
         references "organizations" ("id")`,
    );
  }
}
