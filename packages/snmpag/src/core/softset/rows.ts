import type {
  Alarm,
  Board,
  BoardId,
  BoardState,
  Fault,
  Network,
  Program,
  ProgramFact,
  ProgramStatus,
  Service,
  ServiceState,
} from '@softset/protocol';
import { OID_SUBIDS_MAX, type Oid } from '../oid.js';
import { textIndex } from '../smi/bind.js';
import { type AlarmNumbers, alarmKey } from './alarm-numbers.js';
import { BASE_OID } from './base-oid.js';
import type { Facts } from './facts.js';
import { faultTable } from './mib/boards.js';

/** The rows of the tables, from what is known: the cluster file says which there are, the daemons what is in them. */
type Indexed<R> = readonly (readonly [Oid, R])[];

export interface BoardRow {
  readonly board: Board;
  readonly state?: BoardState;
}

export function boardRows({ cluster, netrack }: Facts): Indexed<BoardRow> {
  return cluster.boards.map((board) => {
    const state = netrack.value?.boards.find((one) => one.board === board.id);
    return [[board.id], state === undefined ? { board } : { board, state }];
  });
}

export interface LinkRow extends BoardRow {
  readonly network: Network;
}

export const NETWORK_NUMBERS: Readonly<Record<Network, number>> = { A: 1, B: 2 };

export function linkRows(facts: Facts): Indexed<LinkRow> {
  return boardRows(facts).flatMap(([, row]) =>
    (['A', 'B'] as const).map((network) => [[row.board.id, NETWORK_NUMBERS[network]], { ...row, network }] as const),
  );
}

export function faultRows({ netrack }: Facts): Indexed<Fault> {
  const kinds: Readonly<Record<string, number>> = faultTable.columns.softsetFaultKind.syntax.values;
  return (netrack.value?.faults ?? []).flatMap((fault) => {
    const kind = kinds[fault.kind];
    return kind === undefined ? [] : fitting([kind, ...textIndex(fault.target, true)], fault);
  });
}

export interface ProgramRow {
  readonly program: Program;
  readonly board: BoardId;
  /** What its board says of it. */
  readonly fact?: ProgramFact;
  /** What psrmd says: of the reporting board's own programs alone. */
  readonly status?: ProgramStatus;
  readonly here: boolean;
}

export function programIndex(board: BoardId, program: string): Oid {
  return [board, ...textIndex(program, true)];
}

export function programRows({ cluster, board: own, netrack, psrm }: Facts): Indexed<ProgramRow> {
  return cluster.programs.flatMap((program) =>
    program.boards.map((board) => {
      const here = board === own.id;
      const status = here ? psrm.value?.find((one) => one.program === program.name) : undefined;
      const told = netrack.value?.boards.find((one) => one.board === board)?.programs;
      const fact = status ?? told?.find((one) => one.program === program.name);
      const row: ProgramRow = { program, board, here, ...(fact ? { fact } : {}), ...(status ? { status } : {}) };
      return [programIndex(board, program.name), row] as const;
    }),
  );
}

export interface ServiceRow {
  readonly service: Service;
  readonly state?: ServiceState;
}

export function serviceRows({ cluster, netrack }: Facts): Indexed<ServiceRow> {
  return cluster.services.map((service) => {
    const state = netrack.value?.services.find((one) => one.service === service.name);
    return [textIndex(service.name, true), state === undefined ? { service } : { service, state }];
  });
}

export function poolRows({ cluster }: Facts): Indexed<BoardId> {
  return cluster.services.flatMap(({ name, pool }) =>
    pool.map((board, i) => [[...textIndex(name, false), i + 1], board] as const),
  );
}

export interface AddressRow extends ServiceRow {
  readonly ip: string;
  readonly length: number;
}

export function addressRows(facts: Facts): Indexed<AddressRow> {
  return serviceRows(facts).flatMap(([, row]) =>
    row.service.addresses.map(
      ({ ip, length }, i) => [[...textIndex(row.service.name, false), i + 1], { ...row, ip, length }] as const,
    ),
  );
}

export function alarmRows({ netrack }: Facts, numbers: AlarmNumbers): Indexed<Alarm> {
  return (netrack.value?.alarms ?? []).flatMap((alarm) => {
    const number = numbers.byKey.get(alarmKey(alarm));
    return number === undefined ? [] : [[[number], alarm] as const];
  });
}

/** A name of more than 128 numbers is none: a row that would have one is left out. Table, entry and column take four. */
export function fitting<R>(index: Oid, row: R): Indexed<R> {
  return BASE_OID.length + 4 + index.length <= OID_SUBIDS_MAX ? [[index, row]] : [];
}
