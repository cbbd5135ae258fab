import { Migration } from '@mikro-orm/migrations';

export class Migration20261127000000OnePending extends Migration {
  override up(): void {
    // Of two that are to start, the second could not.
    this.addSql(
      `create unique index subscriptions_one_pending on subscriptions (organization_id, external_id) where status = 'pending' and previous_subscription_id is null`,
    );
  }
}
