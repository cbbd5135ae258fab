import { cpuEach, cpuOf, cpuTogether, type Cpu } from '../installation/cpu.ts';
import type { Switches } from '../installation/switches.ts';
import type { Figure, Measured, Unit } from '../report/figure.ts';
import type { MeasureName } from './catalogue.ts';
import { measurePeak, type Peak, type PeakOptions } from './billing-peak.ts';
import { measureEvents } from './events.ts';
import { measureFairness } from './fairness.ts';
import { measureBareCharges, measureInstantCharges } from './instant-charges.ts';
import { measureExporting } from './exporting.ts';
import { measureLiveSubscriptions } from './live-subscriptions.ts';
import { measurePromptness } from './promptness.ts';
import type { Sizes } from './sizes.ts';
import { measureSubscribing } from './subscribing.ts';

export interface MeasureOptions {
  readonly sizes: Sizes;
  readonly switches: Switches;
  /** Whether limits, which change with the machine alone, are measured too. */
  readonly withLimits: boolean;
  readonly progress: (text: string) => void;
}

/** What is left in the cache of workflows when a real month is over. */
const CACHED_AFTER_A_MONTH = 10;

/** How each measure of the catalogue is made. */
export const RUNS: Readonly<Record<MeasureName, (options: MeasureOptions) => Promise<Measured>>> = {
  a: cachedPeak,
  "a'": uncachedPeak,
  b: peakWithWebhooks,
  c: promptness,
  d: subscribing,
  f: events,
  g: liveSubscriptions,
  h: exporting,
  i: fairness,
  j: instantCharges,
};

const lower = (id: string, name: string, value: number, unit: Unit, more: Partial<Figure> = {}): Figure => ({
  id,
  name,
  value,
  unit,
  better: 'lower',
  ...more,
});

const higher = (id: string, name: string, value: number, unit: Unit, more: Partial<Figure> = {}): Figure => ({
  ...lower(id, name, value, unit, more),
  better: 'higher',
});

/** CPU milliseconds of all processes for each piece of work, with what each role used of them. */
function cpuFigure(id: string, name: string, cpu: Cpu, pieces: number, aim?: number): Figure {
  const parts = Object.fromEntries(Object.entries(cpu).map(([role, ms]) => [role, ms / pieces]));
  return lower(id, name, cpuEach(cpu, pieces), 'CPU ms', { parts, ...(aim !== undefined && { aim }) });
}

async function limitedPeak(
  letter: string,
  id: string,
  { sizes, switches, withLimits, progress }: MeasureOptions,
  options: Pick<PeakOptions, 'withWebhooks' | 'cached'>,
  aim: number,
): Promise<{ readonly peak: Peak; readonly figures: readonly Figure[] }> {
  const common = { periods: sizes.periods, switches, progress };
  const limit = withLimits
    ? await measurePeak({ ...common, ...options, withWebhooks: false, billing: 'nothing' })
    : undefined;
  const peak = await measurePeak({ ...common, ...options, billing: 'real' });
  const figures = [
    ...(limit
      ? [
          higher(
            `${id}.limit`,
            `(${letter}) limit: an activity that only writes the successor`,
            limit.rate,
            'a second',
          ),
          cpuFigure(`${id}.limitCpu`, `(${letter}) limit: CPU of each`, limit.cpu.peak, sizes.periods),
        ]
      : []),
    higher(`${id}.rate`, `(${letter}) periods billed in the peak`, peak.rate, 'a second'),
    ...(limit ? [higher(`${id}.ratio`, `(${letter}) billing / limit`, peak.rate / limit.rate, 'ratio', { aim })] : []),
  ];
  return { peak, figures };
}

async function cachedPeak(options: MeasureOptions): Promise<Measured> {
  const { peak, figures } = await limitedPeak('a', 'cached', options, {}, 0.8);
  const { periods } = options.sizes;
  return {
    figures: [
      ...figures,
      cpuFigure('cached.peakCpu', '(a) CPU of an invoice in the peak', peak.cpu.peak, periods),
      cpuFigure('cached.lifeCpu', '(a) CPU of the whole life of a period', lifeOf(peak), periods),
      lower('cached.nextStarted', '(a) until all next periods have started', peak.nextStartedSeconds, 's'),
    ],
  };
}

async function uncachedPeak(options: MeasureOptions): Promise<Measured> {
  const cached = { cached: CACHED_AFTER_A_MONTH };
  const { peak, figures } = await limitedPeak(`a'`, 'uncached', options, cached, 0.8);
  const { periods } = options.sizes;
  const { start, rest } = peak.cpu;
  return {
    figures: [
      ...figures,
      cpuFigure('uncached.peakCpu', `(a') CPU of an invoice in the peak`, peak.cpu.peak, periods, 20),
      lower('uncached.nextStarted', `(a') until all next periods have started`, peak.nextStartedSeconds, 's'),
      cpuFigure('life.startCpu', '(e) CPU of starting a period', start, periods),
      cpuFigure('life.restCpu', '(e) CPU after the peak: workflows closed, next ones started', rest, periods),
      cpuFigure('life.cpu', '(e) CPU of the whole life of a period', lifeOf(peak), periods, 65),
      cpuFigure(
        'life.bothStartsCpu',
        '(e) CPU of start, peak and next start together',
        cpuTogether(start, lifeOf(peak)),
        periods,
      ),
    ],
  };
}

/**
 * What a period costs from one to the next: from the moment at which all are due until every workflow of them is closed
 * and every next one waits. So one start, one bill and one end are in it, wherever one of them happens to be done.
 */
const lifeOf = ({ cpu }: Peak): Cpu => cpuTogether(cpu.peak, cpu.rest);

async function peakWithWebhooks(options: MeasureOptions): Promise<Measured> {
  const { peak, figures } = await limitedPeak('b', 'webhooks', options, { withWebhooks: true }, 0.6);
  const { atPeakEnd, all, allSeconds } = peak.webhooks!;
  return {
    figures: [
      ...figures,
      cpuFigure('webhooks.peakCpu', '(b) CPU of an invoice in the peak', peak.cpu.peak, options.sizes.periods),
      lower('webhooks.all', '(b) from the end of the peak until all webhooks have arrived', allSeconds, 's'),
    ],
    remarks: [`(b) ${atPeakEnd} of ${all} webhooks had arrived at the end of the peak.`],
  };
}

async function promptness({ sizes, switches, progress }: MeasureOptions): Promise<Measured> {
  const { p50Ms, p99Ms, samples, cpu } = await measurePromptness(sizes.rounds, switches, progress);
  return {
    figures: [
      lower('promptness.p50', `(c) from a period's end to its invoice, p50`, p50Ms, 'ms'),
      lower('promptness.p99', `(c) from a period's end to its invoice, p99`, p99Ms, 'ms', { aim: 500 }),
      cpuFigure('promptness.cpu', '(c) CPU of each, with the seconds in between', cpu, samples),
    ],
  };
}

async function subscribing({ sizes, switches, progress }: MeasureOptions): Promise<Measured> {
  const { requests } = sizes;
  const alone = await measureSubscribing({ requests, starts: 'none', switches, progress });
  const whole = await measureSubscribing({ requests, starts: 'real', switches, progress });
  const { http, rowsAlone, cpu, cpuOfLaterStarts } = whole;
  const request = cpuOf(alone.cpu, 'API', 'PostgreSQL');
  return {
    figures: [
      higher('subscribing.limit', '(d) limit: the two rows of a subscription alone', rowsAlone.rate, 'a second'),
      higher('subscribing.rate', '(d) POST /subscriptions with its starts behind it', http.rate, 'a second'),
      higher('subscribing.ratio', '(d) requests / limit', http.rate / rowsAlone.rate, 'ratio'),
      lower('subscribing.p50', '(d) with its starts behind it, p50', http.p50Ms, 'ms'),
      lower('subscribing.p99', '(d) with its starts behind it, p99', http.p99Ms, 'ms', { aim: 150 }),
      higher('subscribing.aloneRate', '(d) POST /subscriptions alone', alone.http.rate, 'a second'),
      lower('subscribing.aloneP50', '(d) alone, p50', alone.http.p50Ms, 'ms'),
      lower('subscribing.aloneP99', '(d) alone, p99', alone.http.p99Ms, 'ms', { aim: 100 }),
      cpuFigure('subscribing.requestCpu', '(d) CPU of a request before the start', request, requests, 10),
      cpuFigure('subscribing.duringCpu', '(d) CPU of a request while others are answered', cpu, requests),
      cpuFigure(
        'subscribing.cpu',
        '(d) CPU of a request with the start of its period',
        cpuTogether(cpu, cpuOfLaterStarts),
        requests,
      ),
    ],
  };
}

async function events({ sizes, switches, progress }: MeasureOptions): Promise<Measured> {
  const measured = await measureEvents(sizes.events, switches, progress);
  const { stored, rate, cpu, clientCpuMs, copyRate, copyCpu } = measured;
  const perEvent = (id: string, name: string, used: Cpu): Figure => {
    const { value, parts = {}, ...figure } = cpuFigure(id, name, used, stored);
    const inMicroseconds = Object.fromEntries(Object.entries(parts).map(([role, ms]) => [role, ms * 1000]));
    return { ...figure, value: value * 1000, unit: 'CPU µs', parts: inMicroseconds };
  };
  return {
    figures: [
      higher('events.limit', '(f) limit: COPY of the same rows', copyRate, 'a second'),
      perEvent('events.limitCpu', '(f) limit: CPU of a row', cpuOf(copyCpu, 'PostgreSQL')),
      higher('events.rate', '(f) events by batch', rate, 'a second', { aim: 12_000 }),
      higher('events.ratio', '(f) events / limit', rate / copyRate, 'ratio', { aim: 0.5 }),
      perEvent('events.cpu', '(f) CPU of an event', cpuOf(cpu, 'API', 'PostgreSQL')),
      perEvent('events.clientCpu', '(f) CPU of an event in the clients', { clients: clientCpuMs }),
    ],
  };
}

async function liveSubscriptions({ sizes, switches, progress }: MeasureOptions): Promise<Measured> {
  const result = await measureLiveSubscriptions(sizes.live, switches, progress);
  const { started, seconds, cpu, memoryMb, advice } = result;
  return {
    figures: [
      lower('live.seconds', `(g) until ${sizes.live} live subscriptions have started`, seconds, 's'),
      cpuFigure('live.startCpu', '(g) CPU of starting one', cpu, started),
      lower('live.workerMb', '(g) memory of the worker', memoryMb['worker'] ?? Number.NaN, 'MB'),
      lower('live.temporalMb', '(g) memory of Temporal', memoryMb['Temporal'] ?? Number.NaN, 'MB'),
    ],
    remarks: [
      ...(started < sizes.live ? [`(g) only ${started} of ${sizes.live} had started when the time was over.`] : []),
      `(g) /ready ${advice.length === 0 ? 'advises nothing' : `advises: ${advice.join(' ')}`}`,
    ],
  };
}

async function fairness({ sizes, switches, progress }: MeasureOptions): Promise<Measured> {
  const { fewSeconds, manySeconds, cpu } = await measureFairness(sizes.crowd, switches, progress);
  return {
    figures: [
      lower('fairness.few', `(i) until ten periods beside ${sizes.crowd} of another are final`, fewSeconds, 's', {
        aim: 15,
      }),
      lower('fairness.many', `(i) until the ${sizes.crowd} are`, manySeconds, 's'),
      cpuFigure('fairness.cpu', '(i) CPU of each', cpu, sizes.crowd),
    ],
  };
}

async function instantCharges({ sizes, switches, withLimits, progress }: MeasureOptions): Promise<Measured> {
  const { instant } = sizes;
  const limit = withLimits ? await measureBareCharges(instant, switches, progress) : undefined;
  const { p50Ms, p99Ms, burstSeconds, rate, cpu } = await measureInstantCharges(instant, switches, progress);
  return {
    figures: [
      lower('instant.p50', '(j) from an event to its invoice at 25 a second, p50', p50Ms, 'ms'),
      lower('instant.p99', '(j) from an event to its invoice at 25 a second, p99', p99Ms, 'ms', { aim: 2000 }),
      lower('instant.burst', `(j) until ${instant} events of one subscription have invoices`, burstSeconds, 's', {
        aim: 60,
      }),
      ...(limit ? [higher('instant.limit', '(j) limit: workflows that charge nothing', limit.rate, 'a second')] : []),
      higher('instant.rate', '(j) invoices of events over 500 subscriptions', rate, 'a second'),
      ...(limit ? [higher('instant.ratio', '(j) invoices / limit', rate / limit.rate, 'ratio', { aim: 0.6 })] : []),
      cpuFigure('instant.cpu', '(j) CPU of each', cpu, instant),
    ],
  };
}

async function exporting({ sizes, switches, progress }: MeasureOptions): Promise<Measured> {
  const result = await measureExporting(sizes, switches, progress);
  const { rows, bytes, seconds, copySeconds, cpu, grownMb, p99AloneMs, p99BesideMs } = result;
  const megabytes = (role: string): number => grownMb[role] ?? Number.NaN;
  return {
    figures: [
      higher('export.limit', '(h) limit: one COPY of the same columns', rows / copySeconds, 'a second'),
      higher('export.rate', '(h) fees exported', rows / seconds, 'a second'),
      higher('export.ratio', '(h) export / limit', copySeconds / seconds, 'ratio', { aim: 0.5 }),
      cpuFigure('export.cpu', '(h) CPU of a thousand fees', cpu, rows / 1000),
      lower('export.workerMb', '(h) memory that the worker takes more', megabytes('worker'), 'MB', { aim: 64 }),
      lower('export.apiMb', '(h) memory that the API takes more, also in the download', megabytes('API'), 'MB', {
        aim: 64,
      }),
      lower('export.p99Alone', "(h) from a period's end to its invoice without an export, p99", p99AloneMs, 'ms'),
      lower('export.p99Beside', '(h) the same during exports, p99', p99BesideMs, 'ms'),
      lower('export.p99Ratio', '(h) during exports / without', p99BesideMs / p99AloneMs, 'ratio', { aim: 1.3 }),
    ],
    remarks: [`(h) the file and the COPY have the same ${bytes} bytes, and no other file was left.`],
  };
}
