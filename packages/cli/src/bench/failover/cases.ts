import type { StepId } from '../../demo/step.js';

/** Cases that are a step of the demonstration, by the step's id. */
export const stepCases = {
  crash: 'crash',
  'crash-director': 'crash-director',
  link: 'link-down',
  network: 'network-down',
  mute: 'network-mute',
  program: 'program-restart',
  planned: 'planned',
  'daemons-restart': 'daemons-restart',
} as const satisfies Record<string, StepId>;
export type StepCase = keyof typeof stepCases;

export const isStepCase = (id: string): id is StepCase => id in stepCases;

/**
 * Planned moves of other kinds of addresses, by case: with a MAC (002 ¶0051), as a host route alone (002 ¶0050), of IPv6.
 * Each is a service of its own on two boards.
 */
export const kinds = {
  mac: { address: '192.168.1.3', prefix: 32, more: { mac: '02:5f:00:00:00:03', announce: ['arp'] } },
  routed: { address: '192.168.1.4', prefix: 32, more: { announce: ['route'] } },
  ipv6: { address: '2001:db8::3', prefix: 128, more: {} },
} as const;
export type Kind = keyof typeof kinds;
export const isKind = (id: string): id is Kind => id in kinds;

/**
 * In the order of the rows. `drain`: an operator drains the holder. `within`: he prefers network B, and the address moves
 * there within its board (002 ¶0049). `strict`: crash of a holder whose service waits for
 * proof. `floor`: the move alone.
 * `pulse-restart`: pulse killed → first renewal of the lease by its successor. `program-restart`: program killed → first
 * instruction of its successor, beside a bare spawn.
 */
export const cases = [
  ...(Object.keys(stepCases) as StepCase[]),
  'drain',
  'within',
  ...(Object.keys(kinds) as Kind[]),
  'strict',
  'floor',
  'pulse-restart',
  'program-restart',
] as const;
export type Case = (typeof cases)[number];

/** "no outage", as far as a prober that asks each millisecond can tell on one machine for all boards. */
export const strictAllowanceMs = 75;
export const pulseRestartMs = 150;
/** Of a bare spawn's median. */
export const programRestartRatio = 1.2;
