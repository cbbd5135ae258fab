import { Migration } from '@mikro-orm/migrations';

export class Migration20261127213400BegunRequests extends Migration {
  override up(): void {
    // A request that awaits a workflow has its key before it has an answer.
    this.addSql(
      'alter table "idempotency_keys" alter column "status" drop not null, alter column "body" drop not null',
    );
  }
}
