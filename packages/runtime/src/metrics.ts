import { assert } from '@softset/base';

/** Prometheus text exposition format 0.0.4. Names end in `_total`, `_seconds` or `_bytes`; gauges may count things. */
export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** `amount` is at least 0 (default 1). */
  add(amount?: number): void;
  /** The counter of one set of labels: keep it, so that a hot path looks nothing up. */
  with(labels: Labels): Counter;
}
export interface Gauge {
  set(value: number): void;
  with(labels: Labels): Gauge;
}
export interface Histogram {
  observe(value: number): void;
  with(labels: Labels): Histogram;
}

type Kind = 'counter' | 'gauge' | 'histogram';

/** What is asked for when somebody looks: a value for each set of labels. */
export type Observed = Iterable<readonly [labels: Labels, value: number]>;

/** Label values may come from outside (a peer's name): past this many sets the rest share one called `overflow`. */
const seriesMax = 1_000;

/** From 100 µs to 5 s. */
export const defaultBuckets: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

interface Series {
  readonly labels: Labels;
  value: number;
  /** Histograms: how many observations fell into each bucket; the last is +Inf. */
  readonly buckets: number[];
}

class Family {
  readonly name: string;
  readonly help: string;
  readonly kind: Kind;
  readonly bounds: readonly number[];
  readonly collect: (() => Observed) | undefined;
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, kind: Kind, bounds: readonly number[] = [], collect?: () => Observed) {
    this.name = name;
    this.help = help;
    this.kind = kind;
    this.bounds = bounds;
    this.collect = collect;
  }

  series(labels: Labels): Series {
    const key = labelText(labels);
    const found = this.#series.get(key);
    if (found !== undefined) return found;
    if (this.#series.size >= seriesMax && key !== labelText(overflow)) return this.series(overflow);
    const made = { labels, value: 0, buckets: new Array<number>(this.bounds.length + 1).fill(0) };
    this.#series.set(key, made);
    return made;
  }

  *lines(): Generator<string> {
    yield `# HELP ${this.name} ${this.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`;
    yield `# TYPE ${this.name} ${this.kind}`;
    for (const [labels, value] of this.collect?.() ?? []) yield `${this.name}${labelText(labels)} ${numberText(value)}`;
    for (const series of this.#series.values()) {
      if (this.kind !== 'histogram') yield `${this.name}${labelText(series.labels)} ${numberText(series.value)}`;
      else yield* this.#histogramLines(series);
    }
  }

  *#histogramLines({ labels, value, buckets }: Series): Generator<string> {
    let count = 0;
    for (const [i, inBucket] of buckets.entries()) {
      count += inBucket;
      const le = numberText(this.bounds[i] ?? Number.POSITIVE_INFINITY);
      yield `${this.name}_bucket${labelText({ ...labels, le })} ${count}`;
    }
    yield `${this.name}_sum${labelText(labels)} ${numberText(value)}`;
    yield `${this.name}_count${labelText(labels)} ${count}`;
  }
}

const overflow: Labels = { series: 'overflow' };

function labelText(labels: Labels): string {
  const escaped = (text: string): string =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escaped(labels[name] ?? '')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** The numbers of one daemon. A name that breaks the rules, or stands twice, is a programmer's error. */
export class Metrics {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string): Counter {
    assert(name.endsWith('_total'), `the counter ${name} ends in _total`);
    const family = this.#add(new Family(name, help, 'counter'));
    const of = (labels: Labels): Counter => {
      const series = family.series(labels);
      return {
        add: (amount = 1) => {
          assert(amount >= 0, `${name} only rises, not by ${amount}`);
          series.value += amount;
        },
        with: of,
      };
    };
    return lazily(of, (counter) => ({ add: (amount) => counter().add(amount), with: of }));
  }

  gauge(name: string, help: string): Gauge {
    const family = this.#add(new Family(name, help, 'gauge'));
    const of = (labels: Labels): Gauge => {
      const series = family.series(labels);
      return {
        set: (value) => {
          series.value = value;
        },
        with: of,
      };
    };
    return lazily(of, (gauge) => ({ set: (value) => gauge().set(value), with: of }));
  }

  /** A gauge that is asked when somebody looks. */
  observedGauge(name: string, help: string, collect: () => number): void {
    this.observed('gauge', name, help, () => [[{}, collect()]]);
  }

  /** The same with labels, or of what somebody else counts. */
  observed(kind: 'counter' | 'gauge', name: string, help: string, collect: () => Observed): void {
    assert(kind === 'gauge' || name.endsWith('_total'), `the counter ${name} ends in _total`);
    this.#add(new Family(name, help, kind, [], collect));
  }

  histogram(name: string, help: string, bounds: readonly number[] = defaultBuckets): Histogram {
    assert(/_(seconds|bytes)$/.test(name), `the histogram ${name} ends in its unit, _seconds or _bytes`);
    const family = this.#add(new Family(name, help, 'histogram', bounds));
    const of = (labels: Labels): Histogram => {
      const series = family.series(labels);
      return {
        observe: (value) => {
          const found = bounds.findIndex((bound) => value <= bound);
          const bucket = found < 0 ? bounds.length : found;
          series.value += value;
          series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
        },
        with: of,
      };
    };
    return lazily(of, (histogram) => ({ observe: (value) => histogram().observe(value), with: of }));
  }

  /** The whole as text, `text/plain; version=0.0.4`. */
  text(): string {
    const lines = [...this.#families.values()].flatMap((family) => [...family.lines()]);
    return lines.map((line) => `${line}\n`).join('');
  }

  #add(family: Family): Family {
    assert(/^[a-z][a-z0-9_]*$/.test(family.name), `${family.name} is a metric's name`);
    assert(!this.#families.has(family.name), `the metric ${family.name} is defined once`);
    this.#families.set(family.name, family);
    return family;
  }
}

/** The series without labels appears when it is first used: a metric that always has labels should not show an empty one. */
function lazily<T>(of: (labels: Labels) => T, wrap: (get: () => T) => T): T {
  let bare: T | undefined;
  return wrap(() => (bare ??= of({})));
}
