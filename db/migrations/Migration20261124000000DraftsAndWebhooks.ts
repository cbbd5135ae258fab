import { Migration } from '@mikro-orm/migrations';

export class Migration20261124000000DraftsAndWebhooks extends Migration {
  override up(): void {
    this.addSql(
      `create table "webhook_endpoints" ("id" uuid not null, "organization_id" uuid not null, "webhook_url" text not null, "signature_algo" text not null default 'jwt', "name" text null, "event_types" jsonb null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `alter table "webhook_endpoints" add constraint "webhook_endpoints_tenant" unique ("organization_id", "id")`,
    );
    this.addSql(
      `alter table "webhook_endpoints" add constraint "webhook_endpoints_url" unique ("organization_id", "webhook_url")`,
    );
    this.addSql(
      `create table "webhooks" ("id" uuid not null, "organization_id" uuid not null, "webhook_endpoint_id" uuid not null, "webhook_type" text not null, "object_type" text not null, "object_id" uuid not null, "sequence" bigserial, "status" text not null default 'pending', "retries" int not null default 0, "payload" text not null, "http_status" int null, "response" text null, "last_retried_at" timestamptz(3) null, "next_attempt_at" timestamptz(3) null, "expires_at" timestamptz(3) not null, "created_at" timestamptz(3) not null, "updated_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql(
      `create index webhooks_open on webhooks (webhook_endpoint_id, object_id, sequence) where next_attempt_at is not null`,
    );
    this.addSql(
      `create index webhooks_due on webhooks (webhook_endpoint_id, next_attempt_at) where next_attempt_at is not null`,
    );
    this.addSql(`create index "webhooks_newest" on "webhooks" ("organization_id", "created_at", "id")`);
    this.addSql(
      `create index "webhooks_of_endpoint" on "webhooks" ("organization_id", "webhook_endpoint_id", "created_at")`,
    );
    this.addSql(`alter table "webhooks" add constraint "webhooks_sequence" unique ("sequence")`);
    this.addSql(`alter table "acts" add "aside" boolean not null default false`);
    this.addSql(`create index "acts_newest" on "acts" ("organization_id", "created_at", "id")`);
    this.addSql(
      `create index acts_of_subscription on acts (organization_id, subscription_id) where subscription_id is not null`,
    );
    this.addSql(`create index acts_of_invoice on acts (organization_id, invoice_id) where invoice_id is not null`);
    this.addSql(
      `alter table "invoices" add "ready_to_be_refreshed" boolean not null default false, add "applied_grace_period" int not null default 0`,
    );
    this.addSql(`create index invoices_drafts_of_customer on invoices (customer_id) where status = 'draft'`);
    this.addSql(`create index invoices_drafts_of_entity on invoices (billing_entity_id, id) where status = 'draft'`);
    this.addSql(
      `alter table "subscriptions" add "ending_set_at" timestamptz(3) null, add "termination_alert_dates" jsonb not null default '[]'`,
    );
    this.addSql(
      `alter table "webhook_endpoints" add constraint "webhook_endpoints_organization_id_fkey" foreign key ("organization_id") references "organizations" ("id")`,
    );
    this.addSql(
      `alter table "webhooks" add constraint "webhooks_webhook_endpoint_id_fkey" foreign key ("organization_id", "webhook_endpoint_id") references "webhook_endpoints" ("organization_id", "id") on delete cascade`,
    );
  }
}
