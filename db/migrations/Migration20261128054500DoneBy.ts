import { Migration } from '@mikro-orm/migrations';

/** Which workflow has done an act, where that was not its own. */
export class Migration20261128054500DoneBy extends Migration {
  override up(): void {
    this.addSql(`alter table "acts" add "done_by" text null`);
  }
}
