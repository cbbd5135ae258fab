import { Migration } from '@mikro-orm/migrations';

export class Migration20270102000000ThingsByCode extends Migration {
  override isTransactional(): boolean {
    return false;
  }

  override up(): void {
    // A build that was cut off leaves an index that is of no use: each try begins anew.
    this.addSql(`drop index concurrently if exists things_code`);
    this.addSql(`create unique index concurrently things_code on things (code)`);
  }
}
