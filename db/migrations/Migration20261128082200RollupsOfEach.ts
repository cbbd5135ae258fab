import { Migration } from '@mikro-orm/migrations';

/**
 * What rollups keep for maxima, latest values, sums weighted by time and prices that events bring. Those that are there
 * know nothing of such prices, so metrics say whether theirs do.
 */
export class Migration20261128082200RollupsOfEach extends Migration {
  override up(): void {
    this.addSql(
      `alter table "usage_rollups" add "amount" numeric null, add "max" numeric null,
                                   add "latest" text collate "C" null, add "moment" numeric null`,
    );
    this.addSql('alter table "billable_metrics" add "amounts_rolled_up" boolean not null default false');
    this.addSql('alter table "billable_metrics" alter column "amounts_rolled_up" set default true');
  }
}
