import { Migration } from '@mikro-orm/migrations';

/** Metrics that compute their field from each event. */
export class Migration20261128082100MetricExpressions extends Migration {
  override up(): void {
    this.addSql('alter table "billable_metrics" add "expression" text null');
  }
}
