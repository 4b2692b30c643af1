import { type BoardId, boardById, type Cluster, type NetrackState } from '@softset/protocol';
import { textIndex } from '../smi/bind.js';
import { type AlarmNumbers, alarmKey } from './alarm-numbers.js';
import type { NotificationName } from './mib/notifications.js';
import type { Given } from './notice-varbinds.js';
import { NETWORK_NUMBERS, programIndex } from './rows.js';
import type { Spans } from './spans.js';
import { boardState } from './tables.js';

/** A notification: its name, and the values that it says, by object and instance. */
export interface Notice {
  readonly name: NotificationName;
  readonly given: readonly Given[];
}

/** What is remembered beside the two states. */
export interface Remembered {
  /** Of the alarms of both. */
  readonly numbers: AlarmNumbers;
  /** As they were after the former. */
  readonly spans: Spans;
}

/** What happened between two states, in the order in which an operator wants to read it. */
export function notices(cluster: Cluster, was: NetrackState, is: NetrackState, remembered: Remembered): Notice[] {
  return [
    ...directors(was, is),
    ...quorum(was, is),
    ...networks(was, is),
    ...boards(cluster, was, is),
    ...services(cluster, was, is, remembered.spans),
    ...programs(was, is),
    ...configurations(was, is),
    ...spares(was, is),
    ...alarms(was, is, remembered.numbers),
  ];
}

function directors(was: NetrackState, is: NetrackState): Notice[] {
  if (is.director === 0 || (is.director === was.director && is.term === was.term)) return [];
  return [
    {
      name: 'softsetDirectorChanged',
      given: [
        ['softsetDirector', [0], is.director],
        ['softsetTerm', [0], is.term],
      ],
    },
  ];
}

const hasQuorum = ({ quorum: { present, needed } }: NetrackState): boolean => present >= needed;

function quorum(was: NetrackState, is: NetrackState): Notice[] {
  if (hasQuorum(was) === hasQuorum(is)) return [];
  const given: Given[] = [
    ['softsetVotesPresent', [0], is.quorum.present],
    ['softsetVotesNeeded', [0], is.quorum.needed],
  ];
  return [{ name: hasQuorum(is) ? 'softsetQuorumRegained' : 'softsetQuorumLost', given }];
}

/** Networks that have failed as a whole, with the evidence. */
function failed({ faults }: NetrackState): Map<string, string> {
  const whole = faults.filter(({ kind }) => kind === 'network-failed' || kind === 'network-mute');
  return new Map(whole.map(({ target, evidence }) => [target, evidence]));
}

function networks(was: NetrackState, is: NetrackState): Notice[] {
  const before = failed(was);
  const now = failed(is);
  return (['A', 'B'] as const).flatMap((network): Notice[] => {
    if (before.has(network) === now.has(network)) return [];
    const which: Given = ['softsetNotifyNetwork', [0], network];
    if (!now.has(network)) return [{ name: 'softsetNetworkRestored', given: [which] }];
    return [{ name: 'softsetNetworkFailed', given: [which, ['softsetNotifyEvidence', [0], now.get(network)]] }];
  });
}

function boards(cluster: Cluster, was: NetrackState, is: NetrackState): Notice[] {
  return is.boards.flatMap((board): Notice[] => {
    const before = was.boards.find((one) => one.board === board.board);
    if (before === undefined) return [];
    const from = boardState(before.verdict);
    const to = boardState(board.verdict);
    const given: Given[] = [
      ['softsetBoardName', [board.board], board.name],
      ['softsetBoardState', [board.board], to],
    ];
    if (from !== to && to === 'down') return [{ name: 'softsetBoardDown', given }];
    if (from !== to && to === 'stalled') return [{ name: 'softsetBoardStalled', given }];
    // `silent` and `unheard` are questions on the way to a verdict: up again after them is no news.
    const back = to === 'up' && (from === 'down' || from === 'stalled' || from === 'unknown');
    if (back) return [{ name: 'softsetBoardUp', given }];
    // Of a board that is not up both before and now, its state says it all.
    if (from !== 'up' || to !== 'up') return [];
    return (['A', 'B'] as const).flatMap((network): Notice[] => {
      if (before.paths[network] === board.paths[network]) return [];
      const at = [board.board, NETWORK_NUMBERS[network]];
      const device = boardById(cluster, board.board)?.devices[network];
      return [
        {
          name: board.paths[network] ? 'softsetLinkUp' : 'softsetLinkDown',
          given: [
            ['softsetBoardName', [board.board], board.name],
            ['softsetLinkDevice', at, device],
            ['softsetLinkPath', at, board.paths[network] ? 'up' : 'down'],
          ],
        },
      ];
    });
  });
}

function services(cluster: Cluster, was: NetrackState, is: NetrackState, spans: Spans): Notice[] {
  const nameOf = (id: BoardId | undefined): string => boardById(cluster, id ?? 0)?.name ?? '';
  return is.services.flatMap((service): Notice[] => {
    const before = was.services.find((one) => one.service === service.service);
    if (before === undefined) return [];
    const at = textIndex(service.service, true);
    const cause: Given = ['softsetServiceCause', at, service.cause];
    const lost = (phase: string): boolean => phase === 'free' || phase === 'silent';
    if (lost(service.phase) && !lost(before.phase)) {
      return [{ name: 'softsetServiceLost', given: [['softsetServicePhase', at, service.phase], cause] }];
    }
    const grant = service.holder?.grant;
    const earlier = before.holder?.grant;
    const same = grant?.term === earlier?.term && grant?.n === earlier?.n;
    if (service.phase !== 'held' || service.holder === undefined || (same && !lost(before.phase))) return [];
    const { unservedMs, holder } = spans.get(service.service) ?? {};
    return [
      {
        name: 'softsetServiceMoved',
        given: [
          ['softsetNotifyFrom', [0], nameOf(before.holder?.board ?? holder)],
          ['softsetServiceHolder', at, service.holder.board],
          ['softsetServiceHolderName', at, nameOf(service.holder.board)],
          cause,
          ['softsetNotifyOutage', [0], unservedMs === undefined ? 0 : is.nowMs - unservedMs],
        ],
      },
    ];
  });
}

function programs(was: NetrackState, is: NetrackState): Notice[] {
  return is.boards.flatMap((board) => {
    const before = was.boards.find((one) => one.board === board.board)?.programs;
    return board.programs.flatMap((program): Notice[] => {
      const earlier = before?.find((one) => one.program === program.program);
      if (program.state !== 'failed' || earlier === undefined || earlier.state === 'failed') return [];
      const at = programIndex(board.board, program.program);
      return [
        {
          name: 'softsetProgramFailed',
          given: [
            ['softsetBoardName', [board.board], board.name],
            ['softsetProgramState', at, program.state],
            ['softsetProgramRestarts', at, program.restarts],
          ],
        },
      ];
    });
  });
}

function configurations(was: NetrackState, is: NetrackState): Notice[] {
  const differing = ({ faults }: NetrackState) => faults.filter(({ kind }) => kind === 'config-differs');
  return differing(is).flatMap(({ target, evidence }): Notice[] => {
    if (differing(was).some((one) => one.target === target)) return [];
    return [
      {
        name: 'softsetConfigDiffers',
        given: [
          ['softsetNotifyTarget', [0], target],
          ['softsetNotifyEvidence', [0], evidence],
        ],
      },
    ];
  });
}

/** REDIRECT says so by an alarm, which is told as such too: who counts alarms misses none. */
function spares(was: NetrackState, is: NetrackState): Notice[] {
  const wanting = ({ alarms }: NetrackState) => alarms.filter(({ cause }) => cause === 'NO_SPARE');
  return wanting(is).flatMap(({ object, text }): Notice[] => {
    if (wanting(was).some((one) => one.object === object)) return [];
    const given: Given[] = [
      ['softsetNotifyTarget', [0], object],
      ['softsetNotifyEvidence', [0], text],
    ];
    return [{ name: 'softsetNoSpare', given }];
  });
}

/** `numbers` has those of both states: an alarm that was cleared is told under the number that it had. */
function alarms(was: NetrackState, is: NetrackState, numbers: AlarmNumbers): Notice[] {
  const byKey = (state: NetrackState) => new Map(state.alarms.map((alarm) => [alarmKey(alarm), alarm]));
  const before = byKey(was);
  const now = byKey(is);
  const told = (name: NotificationName, key: string, severity: string): Notice[] => {
    const alarm = now.get(key) ?? before.get(key);
    const number = numbers.byKey.get(key);
    if (alarm === undefined || number === undefined) return [];
    return [
      {
        name,
        given: [
          ['softsetAlarmObject', [number], alarm.object],
          ['softsetAlarmCause', [number], alarm.cause],
          ['softsetAlarmSeverity', [number], severity],
          ['softsetAlarmText', [number], alarm.text],
        ],
      },
    ];
  };
  return [
    ...[...now].flatMap(([key, { severity }]) =>
      before.get(key)?.severity === severity ? [] : told('softsetAlarmRaised', key, severity),
    ),
    ...[...before.keys()].flatMap((key) => (now.has(key) ? [] : told('softsetAlarmCleared', key, 'cleared'))),
  ];
}
