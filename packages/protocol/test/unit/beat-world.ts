import { createHmac } from 'node:crypto';
import type { Beat, Sealer } from '@softset/protocol/beat.js';

export const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');

export function sealerOf(keyId: number, key: Buffer = KEY): Sealer {
  return {
    keyId,
    mac: (id, bytes) => (id === keyId ? createHmac('sha256', key).update(bytes).digest() : undefined),
  };
}

/** A beat in which every field has a value of its own. */
export const BEAT: Beat = {
  board: 7,
  network: 'B',
  boot: '0123456789abcdef',
  incarnation: 0x01020304,
  sequence: 0x0a0b0c0d,
  cluster: 4711,
  config: 0xdeadbeef,
  health: 3,
  intervalMs: 12.5,
  term: 42,
  director: 2,
  deputy: 5,
  elected: true,
  amnesiac: false,
  leaving: true,
  carrier: { A: false, B: true },
  daemons: ['netrackd', 'psrmd'],
  leases: 0x8000_0000_0000_0001n,
  hears: { A: 0x2n, B: 0xffff_0000_0000_0010n },
  kernels: 0x40n,
  mac: '02:53:b7:00:00:07',
  echo: { boot: 'fedcba9876543210', incarnation: 9, sequence: 1000 },
  gone: [
    { bit: 63, grant: { term: 41, n: 0x01020304 } },
    { bit: 0, grant: { term: 1, n: 2 } },
  ],
  echoes: [
    { board: 1, boot: '1111111122222222', incarnation: 1, sequence: 2 },
    { board: 64, boot: '3333333344444444', incarnation: 5, sequence: 0xffffffff },
  ],
};

/** The same beat by hand, from the layout at the head of beat.ts and from nothing else. */
export const FRAME = [
  '53b7 01 1a 2a 01 07 03', // magic, version, flags (elected 2, carrier B 8 and leaving 16 make 0x1a), key, network, board, health
  '00001267 deadbeef 0123456789abcdef', // cluster, config hash, boot
  '01020304 0a0b0c0d 000030d4', // incarnation, sequence, interval: 12,500 µs
  '0000002a 02 05 05 02', // term, director, deputy, daemons (bits 0 and 2), echoes
  '8000000000000001 0000000000000002 ffff000000000010 0000000000000040', // leases, hears A, hears B, kernels
  '0253b7000007 0000', // MAC, reserved
  'fedcba9876543210 00000009 000003e8', // my echo of the director
  '40 00000029 01020304  01 00000001 00000002', // let go of: bit and one, term, number
  '00'.repeat(10), // no third, reserved
  '01 1111111122222222 00000001 00000002',
  '40 3333333344444444 00000005 ffffffff',
]
  .join('')
  .replaceAll(' ', '');
