import type { Row } from './row.js';

export interface SuiteOptions {
  /** Runs of each case; undefined: the suite's own number, within its time. */
  readonly runs: number | undefined;
  /** Only these cases; undefined: all. */
  readonly cases: readonly string[] | undefined;
  /** Only these peers; undefined: all that are installed; empty: none. */
  readonly peers: readonly string[] | undefined;
  /** Tells a person what is going on. */
  readonly say: (doing: string) => void;
}

export interface Suite {
  readonly name: string;
  readonly summary: string;
  /** In the order of the rows. */
  readonly cases: readonly string[];
  readonly peers: readonly string[];
  run(options: SuiteOptions): Promise<readonly Row[]>;
}

/** All benchmarks: a later one is another entry. A suite is loaded when it is run, and not before. */
export const suites: Readonly<Record<string, () => Promise<Suite>>> = {
  psrm: async () => (await import('./psrm/suite.js')).psrm,
  rules: async () => (await import('./rules/suite.js')).rules,
  dhcp: async () => (await import('./dhcp/suite.js')).dhcp,
  snmp: async () => (await import('./snmp/suite.js')).snmp,
  scale: async () => (await import('./scale/suite.js')).scale,
  package: async () => (await import('./package/suite.js')).packaged,
  relay: async () => (await import('./relay/suite.js')).relay,
  failover: async () => (await import('./failover/suite.js')).failover,
};
