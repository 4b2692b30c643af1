import type { Behind } from '@softset/snmpag/core/relay/behind.js';

/** io-1's agent, with one interface, as it was read at 5 s. */
export const behind: Behind = {
  agent: {
    name: 'io-1',
    number: 3,
    board: 3,
    addresses: ['10.1.1.3', '20.1.1.3'],
    port: 161,
    communityFile: 'c',
    level: 'authPriv',
    auth: 'sha256',
    privacy: 'aes',
    timeoutMs: 500,
    pollMs: 5000,
    facts: {},
    notices: {},
  },
  target: { phase: 'answering', sinceMs: 1000, heardMs: 5000, probeMs: Number.POSITIVE_INFINITY },
  counts: { asked: 4, answered: 3, silences: 1, refused: 2, notifications: 5 },
  latencyMs: 1.5,
  inventory: {
    beganMs: 4900,
    readMs: 5000,
    descr: 'Linux io-1',
    interfaces: [
      {
        index: 2,
        columns: new Map([
          [2, { type: 'octets', value: Uint8Array.from([0x61, 0x30]) }],
          [3, { type: 'integer', value: 6 }],
          [7, { type: 'integer', value: 1 }],
          [8, { type: 'integer', value: 1 }],
        ]),
        moreColumns: new Map(),
      },
    ],
  },
};
