import { Migration } from '@mikro-orm/migrations';

/** Metrics whose sums time weights. */
export class Migration20261128082000WeightedIntervals extends Migration {
  override up(): void {
    this.addSql('alter table "billable_metrics" add "weighted_interval" text null');
  }
}
