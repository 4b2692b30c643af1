import { fail, ok, type Result } from '@softset/base';
import type { Network, Topology } from './topology.js';

/** What can be broken in a chassis, as data. Each has a way to heal, or happens once (`oneShot`). */
export type Fault =
  | {
      readonly kind: 'link-down' | 'one-way' | 'deaf' | 'iface-down-up';
      readonly board: string;
      readonly network: Network;
    }
  | { readonly kind: 'loss'; readonly board: string; readonly network: Network; readonly percent: number }
  | { readonly kind: 'switch-down' | 'switch-mute'; readonly network: Network }
  | { readonly kind: 'trunk-down' }
  | { readonly kind: 'crash' | 'flush-nft'; readonly board: string }
  | { readonly kind: 'freeze'; readonly board: string; readonly daemon: string | undefined }
  | { readonly kind: 'kill'; readonly board: string; readonly daemon: string; readonly forGood: boolean }
  | { readonly kind: 'program-kill' | 'program-hang'; readonly board: string; readonly program: string }
  | { readonly kind: 'partition'; readonly sides: readonly [readonly string[], readonly string[]] };

export type FaultKind = Fault['kind'];

export const faultKinds: readonly FaultKind[] = [
  'link-down',
  'switch-down',
  'switch-mute',
  'trunk-down',
  'crash',
  'freeze',
  'kill',
  'program-kill',
  'program-hang',
  'one-way',
  'deaf',
  'partition',
  'loss',
  'iface-down-up',
  'flush-nft',
];

/** Happens once and leaves nothing to heal. */
export function oneShot(fault: Fault): boolean {
  return (
    fault.kind === 'program-kill' ||
    fault.kind === 'iface-down-up' ||
    fault.kind === 'flush-nft' ||
    (fault.kind === 'kill' && !fault.forGood)
  );
}

/** Names a fault for healing: kind and target, without strength. */
export function faultId(fault: Fault): string {
  switch (fault.kind) {
    case 'link-down':
    case 'one-way':
    case 'deaf':
    case 'iface-down-up':
    case 'loss':
      return `${fault.kind} ${fault.board}:${fault.network}`;
    case 'switch-down':
    case 'switch-mute':
      return `${fault.kind} ${fault.network}`;
    case 'trunk-down':
      return fault.kind;
    case 'crash':
    case 'flush-nft':
      return `${fault.kind} ${fault.board}`;
    case 'freeze':
      return `${fault.kind} ${fault.board}${fault.daemon === undefined ? '' : `:${fault.daemon}`}`;
    case 'kill':
      return `${fault.kind} ${fault.board}:${fault.daemon}`;
    case 'program-kill':
    case 'program-hang':
      return `${fault.kind} ${fault.board}:${fault.program}`;
    case 'partition':
      return `${fault.kind} ${fault.sides.map((side) => side.join(',')).join('|')}`;
  }
}

/** `--for-good` of `kill`, and the percentage of `loss`. */
export type FaultOption = '--for-good' | string;

/**
 * Reads a fault as a person writes it: `link-down cpu-1:A`, `freeze cpu-1:netrackd`, `loss io-1:B 10%`.
 * Errors: `FAULT_INVALID`, saying what is allowed.
 */
export function parseFault(
  kind: string,
  target: string,
  option: FaultOption | undefined,
  topology: Topology,
): Result<Fault, 'FAULT_INVALID'> {
  const refuse = (message: string) => fail('FAULT_INVALID', `${kind} ${target}: ${message}`);
  const known = (name: string): boolean => topology.boards.some((b) => b.name === name);
  const colon = target.indexOf(':');
  const board = colon < 0 ? target : target.slice(0, colon);
  const part = colon < 0 ? undefined : target.slice(colon + 1);
  const names = topology.boards.map((b) => b.name).join(', ');
  const noBoard = (name: string) => refuse(`there is no board "${name}"; there are ${names}`);
  switch (kind) {
    case 'link-down':
    case 'one-way':
    case 'deaf':
    case 'iface-down-up':
    case 'loss': {
      if (!known(board)) return noBoard(board);
      const port = topology.boards.find((b) => b.name === board)?.ports.find((p) => p.network === part);
      if (port === undefined) return refuse('needs BOARD:A or BOARD:B, of a link that the board has');
      const { network } = port;
      if (kind !== 'loss') return ok({ kind, board, network });
      const percent = Number((option ?? '').replace(/%$/, ''));
      const good = option !== undefined && Number.isInteger(percent) && percent >= 1 && percent <= 100;
      return good ? ok({ kind, board, network, percent }) : refuse('needs a percentage from 1% to 100%');
    }
    case 'switch-down':
    case 'switch-mute':
      return target === 'A' || target === 'B' ? ok({ kind, network: target }) : refuse('needs A or B');
    case 'trunk-down':
      return topology.trunk ? ok({ kind }) : refuse('this chassis has no trunk');
    case 'crash':
    case 'flush-nft':
      return known(target) ? ok({ kind, board: target }) : noBoard(target);
    case 'freeze':
      return known(board) ? ok({ kind, board, daemon: part }) : noBoard(board);
    case 'kill': {
      if (!known(board)) return noBoard(board);
      if (!part) return refuse('needs BOARD:DAEMON');
      if (option !== undefined && option !== '--for-good') return refuse('the only option is --for-good');
      return ok({ kind, board, daemon: part, forGood: option === '--for-good' });
    }
    case 'program-kill':
    case 'program-hang':
      if (!known(board)) return noBoard(board);
      return part ? ok({ kind, board, program: part }) : refuse('needs BOARD:PROGRAM');
    case 'partition': {
      const sides = target.split('|').map((side) => side.split(',').filter((name) => name !== ''));
      const [left = [], right = []] = sides;
      if (sides.length !== 2 || left.length === 0 || right.length === 0) {
        return refuse('needs two sets of boards, like cpu-1,io-1|cpu-2');
      }
      const stray = [...left, ...right].find((name) => !known(name));
      if (stray !== undefined) return noBoard(stray);
      const both = left.find((name) => right.includes(name));
      return both === undefined ? ok({ kind, sides: [left, right] }) : refuse(`${both} is on both sides`);
    }
    default:
      return refuse(`there is no such fault; there are ${faultKinds.join(', ')}`);
  }
}
