import { Migration } from '@mikro-orm/migrations';

export class Migration20270101000000Things extends Migration {
  override up(): void {
    this.addSql(`create table things (id int primary key, code text not null)`);
    this.addSql(`insert into things select place, 'code ' || place from generate_series(1, 1000) place`);
  }
}
