// npm run audit: looks at a live database and says what does not hold.
// Exit code 0: all holds; 1: something does not; 2: it could not look.
//   npm run audit -- [--full] [--json] [--seed=<text>] [--only=<check>,<check>]
// The database is that of DATABASE_URL, or else the one that `npm start` runs on the data folder.
import { parseArgs } from 'node:util';
import { randomBytes } from 'node:crypto';
import { checks } from '../db/audit/checks.ts';
import { openAudit } from '../db/audit/open-audit.ts';
import { openOrm } from '../db/orm.ts';
import { startProblem } from '../db/start-problem.ts';
import { checkDatabase } from '../worker/process/external-servers.ts';
import { kinds } from '../activities/acts/kinds.ts';
import { auditedDatabase } from './audit/audited-database.ts';
import { checkLine, errorsOf, findingsText, summaryLine, type TimedResult } from './audit/report.ts';
import { messageOf } from '../telemetry/message-of.ts';

const PROGRESS_EVERY_MS = 2000;

const { values: given } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: randomBytes(4).toString('hex') },
    only: { type: 'string' },
  },
});

async function main(): Promise<number> {
  const databaseUrl = auditedDatabase(process.env);
  await checkDatabase(databaseUrl);
  await refuseOtherDatabase(databaseUrl);
  const chosen = checks.filter(({ name }) => given.only?.split(',').includes(name) ?? true);
  if (chosen.length === 0) throw new Error(`--only must name some of: ${checks.map(({ name }) => name).join(', ')}.`);
  const audit = await openAudit(databaseUrl, {
    full: given.full,
    seed: given.seed,
    kinds: new Set(Object.keys(kinds)),
  });
  const results: TimedResult[] = [];
  try {
    for (const check of chosen) {
      const began = performance.now();
      let progress = '';
      const timer = setInterval(() => {
        const seconds = Math.round((performance.now() - began) / 1000);
        console.error(`  ${check.title}: ${seconds} s${progress && `, ${progress}`}`);
      }, PROGRESS_EVERY_MS);
      const result = await audit.run(check, (text) => (progress = text)).finally(() => clearInterval(timer));
      results.push({ ...result, ms: Math.round(performance.now() - began) });
      if (!given.json) console.log(checkLine(results.at(-1)!));
    }
  } finally {
    await audit.close();
  }
  const isClean = errorsOf(results).length === 0;
  if (given.json) console.log(JSON.stringify({ clean: isClean, full: given.full, seed: given.seed, checks: results }));
  else console.log(findingsText(results) + summaryLine(results));
  return isClean ? 0 : 1;
}

/** Rules are about this version's tables, all of them. */
async function refuseOtherDatabase(databaseUrl: string): Promise<void> {
  const orm = await openOrm(databaseUrl, { poolSize: 1, applicationName: 'durabill audit' });
  try {
    const problem = await startProblem(orm.em.fork(), databaseUrl, 'look');
    if (problem !== undefined) throw new Error(problem);
  } finally {
    await orm.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`✗ The audit could not run: ${messageOf(error)}`);
  process.exitCode = 2;
}
