import { Migration } from '@mikro-orm/migrations';

/** Where the usage of a subscription begins, when an earlier one with its external id ended after its own start. */
export class Migration20261127221500UsageFrom extends Migration {
  override up(): void {
    this.addSql(`alter table "subscriptions" add "usage_from" timestamptz(3) null`);
    // Of those that run, whose coming invoices are made by it.
    this.addSql(`
      -- allow changes-rows: only running subscriptions whose external id was ended and subscribed again with a start in the past
      update subscriptions set usage_from = earlier.ended
      from (select mine.id, max(other.terminated_at) as ended
            from subscriptions mine
            join subscriptions other on other.organization_id = mine.organization_id and other.external_id = mine.external_id
              and other.id <> mine.id and other.status = 'terminated' and other.terminated_at > mine.started_at
              and other.terminated_at <= mine.activated_at
            where mine.status = 'active' group by mine.id) earlier
      where earlier.id = subscriptions.id`);
  }
}
