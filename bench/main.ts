// npm run bench [-- a b c d] [--periods 2000]: what billing costs beside its limit, each measured in the same run.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measurePeak, type Peak } from './billing-peak.ts';
import { measurePromptness } from './promptness.ts';
import { measureSubscribing, type Load } from './subscribing.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { periods: { type: 'string', default: '2000' } },
});
const periods = Number(values.periods);
if (!Number.isInteger(periods) || periods < 1 || periods > 20_000) {
  throw new Error(`--periods is "${values.periods}"; it must be a whole number from 1 to 20000.`);
}
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const say = (text = ''): void => console.log(text);
const progress =
  (name: string) =>
  (text: string): void =>
    say(`  ${name}: ${text}`);
const ms = (value: number): string => `${value.toFixed(0)} ms`;

function sayRatio(name: string, ratio: number, aim: number): void {
  say(`${name} = ${ratio.toFixed(2)} (aim ${aim.toFixed(1)}: ${ratio >= aim ? 'reached' : 'missed'})`);
}

function sayCpu(when: string, cpu: Readonly<Record<string, number>>): void {
  const seconds = Object.entries(cpu).map(([role, value]) => `${role} ${value.toFixed(1)} s`);
  say(`    CPU ${when}: ${seconds.join(', ')}`);
}

function sayPeak(what: string, { rate, nextStartedSeconds, cpu, webhooks }: Peak): void {
  say(
    `${what}: ${rate.toFixed(1)} periods a second; all next periods started ${nextStartedSeconds.toFixed(1)} s later`,
  );
  sayCpu('during the peak', cpu);
  if (webhooks) {
    const { atPeakEnd, all, allSeconds } = webhooks;
    say(
      `    webhooks: ${atPeakEnd} of ${all} had arrived at the end of the peak, all ${allSeconds.toFixed(1)} s after it`,
    );
  }
}

const sayLoad = (what: string, { p50Ms, p99Ms, rate }: Load): void =>
  say(`${what}: p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}, ${rate.toFixed(0)} a second`);

say(`durabill bench on ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`);
if (wanted('a') || wanted('b')) {
  const peak = (billing: 'real' | 'nothing', withWebhooks: boolean, name: string) =>
    measurePeak({ periods, billing, withWebhooks, progress: progress(name) });
  const limit = await peak('nothing', false, 'limit');
  say();
  sayPeak('(a) limit, an activity that only writes the successor', limit);
  if (wanted('a')) {
    const real = await peak('real', false, 'billing');
    sayPeak('(a) billing', real);
    sayRatio('(a) billing / limit', real.rate / limit.rate, 0.8);
    say();
  }
  if (wanted('b')) {
    const real = await peak('real', true, 'billing with a webhook endpoint');
    sayPeak('(b) billing with one webhook endpoint', real);
    sayRatio('(b) billing with webhooks / limit', real.rate / limit.rate, 0.6);
    say();
  }
}
if (wanted('c')) {
  const { p50Ms, p99Ms, samples, cpu } = await measurePromptness(10, progress('promptness'));
  say();
  say(`(c) from a period's end to its invoice, 20 together: p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)} (${samples} invoices)`);
  say(`    limit 1000 ms: ${p99Ms <= 1000 ? 'reached' : 'missed'}`);
  sayCpu('during all rounds, of which each waits some seconds', cpu);
  say();
}
if (wanted('d')) {
  const { http, cpu, rowsAlone } = await measureSubscribing(2000, progress('subscribing'));
  say();
  sayLoad('(d) POST /subscriptions, 16 clients', http);
  sayCpu('meanwhile, with the start of the periods behind the answers', cpu);
  sayLoad('    limit, its two rows alone', rowsAlone);
  say(`    requests / limit = ${(http.rate / rowsAlone.rate).toFixed(2)}`);
}
