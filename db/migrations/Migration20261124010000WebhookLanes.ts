import { Migration } from '@mikro-orm/migrations';

export class Migration20261124010000WebhookLanes extends Migration {
  override up(): void {
    this.addSql(
      `alter table "webhook_endpoints" add "failures" int not null default 0, add "paused_until" timestamptz(3) null`,
    );
    this.addSql(`alter table "webhooks" add "place" text not null default 'arrived'`);
    this.addSql(`drop index "webhooks_open"`);
    this.addSql(`drop index "webhooks_due"`);
    this.addSql(`create index webhooks_arrived on webhooks (webhook_endpoint_id, sequence) where place = 'arrived'`);
    this.addSql(`create index webhooks_heads on webhooks (webhook_endpoint_id, next_attempt_at) where place = 'head'`);
    this.addSql(
      `create index webhooks_of_object on webhooks (webhook_endpoint_id, object_id, sequence) where place in ('head', 'behind')`,
    );
    this.addSql(`create index webhooks_left on webhooks (expires_at) where place = 'left'`);
    this.addSql(`alter table "organizations" add "webhook_hmac_key" text null`);
    this.addSql(`alter table "server" add "webhook_private_key" text null`);
  }
}
