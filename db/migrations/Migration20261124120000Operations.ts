import { Migration } from '@mikro-orm/migrations';

export class Migration20261124120000Operations extends Migration {
  override up(): void {
    this.addSql(`alter table "acts" add "traceparent" text null`);
    // What /metrics and the audit count: everything that is not done, which is little beside what is.
    this.addSql(`create index acts_not_done on acts (kind, state) where state <> 'done'`);
    this.addSql(
      `create index invoices_open on invoices (status) where status in ('draft', 'generating', 'failed', 'pending')`,
    );
  }
}
