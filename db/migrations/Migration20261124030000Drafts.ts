import { Migration } from '@mikro-orm/migrations';

export class Migration20261124030000Drafts extends Migration {
  override up(): void {
    this.addSql(`alter table "billing_entities" add "settings_version" int not null default 0`);
    this.addSql(`create index invoices_drafts on invoices (organization_id, id) where status = 'draft'`);
  }
}
