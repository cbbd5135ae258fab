import { Migration } from '@mikro-orm/migrations';

/**
 * By which keys a metric's rollups are kept and by which of its definitions, and which part of a charge a fee is for.
 */
export class Migration20261128003800RollupKeys extends Migration {
  override up(): void {
    this.addSql(
      `alter table "billable_metrics" add "rollup_keys" jsonb not null default '[]',
                                      add "definition_version" int not null default 1`,
    );
    this.addSql(`alter table "fees" add "charge_filter_id" uuid null, add "true_up_parent_fee_id" uuid null`);
  }
}
