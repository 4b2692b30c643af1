/**
 * What is measured. Ours is measured as often as it can be set; peers look nothing up and ask no wire, so that they
 * have one figure each, which stands beside ours in every row of its kind.
 */
export const cases = ['power-up-50', 'delay', 'delay-looked-up', 'delay-probed', 'rate', 'rate-looked-up'] as const;
export type Case = (typeof cases)[number];

export const peers = ['kea', 'dnsmasq'] as const;
export type Peer = (typeof peers)[number];

/**
 * How geodhcpd is set. `cached`: what the switches said is believed for a minute. `looked-up`: a look-up in the
 * switch's agent for each exchange. `probed`: the defaults: a look-up for each exchange, and the wire is asked.
 */
export const settings = ['cached', 'looked-up', 'probed'] as const;
export type Setting = (typeof settings)[number];

export const settingText: Readonly<Record<Setting, string>> = {
  cached: 'locationMs: 60000\n  probeMs: 0',
  'looked-up': 'locationMs: 100\n  probeMs: 0',
  probed: 'locationMs: 1000\n  probeMs: 300',
};

export const settingOf: Readonly<Record<Case, Setting>> = {
  'power-up-50': 'probed',
  delay: 'cached',
  'delay-looked-up': 'looked-up',
  'delay-probed': 'probed',
  rate: 'cached',
  'rate-looked-up': 'looked-up',
};

/** What is measured of any server. */
export type Kind = 'power-up' | 'delay' | 'rate';
export const kindOf = (id: Case): Kind =>
  id === 'power-up-50' ? 'power-up' : id.startsWith('delay') ? 'delay' : 'rate';

/** Boards that are switched on at once, and what the design asks: one retry of a client. */
export const BOARDS = 50;
export const POWER_UP_MS = 4000;
