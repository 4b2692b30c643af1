import type { Result } from '@softset/base';
import koffi from 'koffi';
import { lastFailure } from './errno.js';
import { declare, SOL_SOCKET } from './libc.js';

const SO_ATTACH_FILTER = 26;
/** struct sock_fprog (<linux/filter.h>): the one structure here that holds a pointer, so koffi lays it out. */
koffi.struct('sock_fprog', { count: 'uint16_t', filter: 'const uint8_t *' });
const attach = declare<
  (fd: number, level: number, name: number, program: { count: number; filter: Uint8Array }, length: number) => number
>('int setsockopt(int fd, int level, int name, const sock_fprog *program, unsigned int length)');

/** One instruction of classic BPF (bpf(4), <linux/filter.h>). */
export interface Instruction {
  readonly code: number;
  readonly jumpTrue?: number;
  readonly jumpFalse?: number;
  readonly k: number;
}

const BPF = { loadHalfAbsolute: 0x28, loadByteAbsolute: 0x30, jumpIfEqual: 0x15, returnConstant: 0x06 } as const;

/** ARP replies only: whoever listens for answers is not woken by everybody's questions. Operation at offset 20. */
export const ARP_REPLIES: readonly Instruction[] = [
  { code: BPF.loadHalfAbsolute, k: 20 },
  { code: BPF.jumpIfEqual, jumpTrue: 0, jumpFalse: 1, k: 2 },
  { code: BPF.returnConstant, k: 0xffff_ffff },
  { code: BPF.returnConstant, k: 0 },
];

/** ICMPv6 neighbour advertisements only: next header at offset 20 (RFC 8200 §3), type at 54 (RFC 4861 §4.4). */
export const NEIGHBOUR_ADVERTISEMENTS: readonly Instruction[] = [
  { code: BPF.loadByteAbsolute, k: 20 },
  { code: BPF.jumpIfEqual, jumpTrue: 0, jumpFalse: 3, k: 58 },
  { code: BPF.loadByteAbsolute, k: 54 },
  { code: BPF.jumpIfEqual, jumpTrue: 0, jumpFalse: 1, k: 136 },
  { code: BPF.returnConstant, k: 0xffff_ffff },
  { code: BPF.returnConstant, k: 0 },
];

/** Lets only those frames into the socket's queue that the program accepts. Errors: `EINVAL` (a bad program), `ENOMEM`. */
export function attachFilter(fd: number, program: readonly Instruction[]): Result<void> {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jumpTrue = 0, jumpFalse = 0, k }, i) => {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, jumpTrue);
    view.setUint8(i * 8 + 3, jumpFalse);
    view.setUint32(i * 8 + 4, k, true);
  });
  const failed = attach(fd, SOL_SOCKET, SO_ATTACH_FILTER, { count: program.length, filter: bytes }, 16) < 0;
  return failed
    ? lastFailure(`setsockopt(SO_ATTACH_FILTER, ${program.length} instructions)`)
    : { ok: true, value: undefined };
}
