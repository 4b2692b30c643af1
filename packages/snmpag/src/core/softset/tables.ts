import type { NowMs } from '@softset/base';
import { type BoardId, boardById, type Fault, type Verdict } from '@softset/protocol';
import type { AnyLeaf } from '../mib/view.js';
import type { Oid } from '../oid.js';
import { scalarLeaves, tableLeaves } from '../smi/bind.js';
import type { AlarmNumbers } from './alarm-numbers.js';
import { BASE_OID } from './base-oid.js';
import { dhcpLeaves } from './dhcp-leaves.js';
import type { Facts, Source } from './facts.js';
import { alarmTable } from './mib/alarms.js';
import { boardTable, faultTable, linkTable } from './mib/boards.js';
import { GROUP } from './mib/module.js';
import { programTable } from './mib/programs.js';
import { addressTable, poolTable, serviceTable } from './mib/services.js';
import { system } from './mib/system.js';
import { addressRows, alarmRows, boardRows, faultRows, linkRows, poolRows, programRows, serviceRows } from './rows.js';
import { rulesLeaves } from './rules-leaves.js';
import type { Spans } from './spans.js';
import { adminWord, adminWriter, alarmWriter, holderWriter, orderWriter } from './writers.js';

export function groupOid(group: keyof typeof GROUP): Oid {
  return [...BASE_OID, GROUP[group]];
}

/** A board judges others; of itself it says `self`, and is up. */
export function boardState(verdict: Verdict | 'self' | undefined): string {
  if (verdict === undefined) return 'unknown';
  return verdict === 'self' ? 'up' : verdict;
}

/**
 * Every leaf of SOFTSET-MIB for what is known now. `nowMs` is asked when an age is read: netrackd, psrmd and this agent
 * run by one board's monotonic clock.
 */
export function softsetLeaves(
  facts: Facts,
  { numbers, spans }: { readonly numbers: AlarmNumbers; readonly spans: Spans },
  nowMs: NowMs,
  /** What a fault's evidence ends with. */
  beside: (fault: Fault) => string = () => '',
): AnyLeaf[] {
  const { cluster, netrack, redirect } = facts;
  const nameOf = (id: BoardId | undefined): string => boardById(cluster, id ?? 0)?.name ?? '';
  const age = (sinceMs: number | undefined) => (sinceMs === undefined ? undefined : Math.max(nowMs() - sinceMs, 0));
  return [
    ...systemLeaves(facts, nowMs),
    ...tableLeaves(
      groupOid('boards'),
      boardTable,
      boardRows(facts),
      {
        softsetBoardName: ({ board }) => board.name,
        softsetBoardRole: ({ board }) => board.role,
        softsetBoardState: ({ state }) => boardState(state?.verdict),
        softsetBoardStateAge: ({ state }) => age(state?.sinceMs),
        softsetBoardAdmin: ({ state }) => adminWord(state?.admin),
        softsetBoardPath: ({ state }) => (state === undefined ? undefined : (state.path ?? 'none')),
        softsetBoardHealth: ({ state }) => state?.health,
        softsetBoardDaemons: ({ state }) => state?.daemons,
        softsetBoardVote: ({ board }) => board.vote,
        softsetBoardAmnesiac: ({ state }) => state?.amnesiac,
        softsetBoardLeaving: ({ state }) => state?.leaving,
      },
      { softsetBoardAdmin: adminWriter(facts) },
    ),
    ...tableLeaves(groupOid('links'), linkTable, linkRows(facts), {
      softsetLinkAddress: ({ board, network }) => board.addresses[network],
      softsetLinkDevice: ({ board, network }) => board.devices[network],
      softsetLinkPath: ({ state, network }) => (state === undefined ? 'unknown' : state.paths[network] ? 'up' : 'down'),
      softsetLinkChosen: ({ state, network }) => (state === undefined ? undefined : state.path === network),
    }),
    ...tableLeaves(groupOid('links'), faultTable, faultRows(facts), {
      softsetFaultAge: ({ sinceMs }) => age(sinceMs),
      softsetFaultEvidence: (fault) => fault.evidence + beside(fault),
    }),
    ...tableLeaves(
      groupOid('programs'),
      programTable,
      programRows(facts),
      {
        softsetProgramState: ({ fact }) => fact?.state ?? 'unknown',
        softsetProgramStateAge: ({ fact, here }) => (here ? age(fact?.sinceMs) : undefined),
        softsetProgramRestarts: ({ fact }) => fact?.restarts,
        softsetProgramService: ({ program }) => program.service ?? '',
        softsetProgramPid: ({ status }) => (status === undefined ? undefined : (status.pid ?? 0)),
        softsetProgramWanted: ({ status }) => status?.wanted,
        softsetProgramLastEnd: ({ status }) => (status === undefined ? undefined : (status.lastEnd ?? '')),
        softsetProgramOrder: () => 'none',
      },
      { softsetProgramOrder: orderWriter(facts) },
    ),
    ...tableLeaves(
      groupOid('services'),
      serviceTable,
      serviceRows(facts),
      {
        softsetServicePhase: ({ state }) => state?.phase ?? 'unknown',
        softsetServiceHolder: ({ state }) => state?.holder?.board ?? 0,
        softsetServiceHolderName: ({ state }) => nameOf(state?.holder?.board),
        softsetServiceNext: ({ state }) => state?.next?.board ?? 0,
        softsetServiceGrantTerm: ({ state }) => state?.holder?.grant.term,
        softsetServiceGrantNumber: ({ state }) => state?.holder?.grant.n,
        softsetServiceCause: ({ state }) => state?.cause,
        softsetServiceResting: ({ service }) => redirect.value?.includes(service.name),
        softsetServiceTakeover: ({ service }) => service.takeover,
        softsetServiceHolderWanted: ({ state }) => state?.pin ?? 0,
        softsetServiceAge: ({ service }) => age(spans.get(service.name)?.sinceMs),
      },
      { softsetServiceHolderWanted: holderWriter(facts) },
    ),
    ...tableLeaves(groupOid('services'), poolTable, poolRows(facts), {
      softsetPoolBoard: (board) => board,
      softsetPoolBoardName: nameOf,
    }),
    ...tableLeaves(groupOid('services'), addressTable, addressRows(facts), {
      softsetAddressText: ({ ip }) => ip,
      softsetAddressPrefixLength: ({ length }) => length,
      softsetAddressLease: () => cluster.timing.leaseMs,
      softsetAddressHolder: ({ state }) => (state?.phase === 'held' ? state.holder?.board : 0),
    }),
    ...rulesLeaves(facts.rules),
    ...dhcpLeaves(facts.geodhcp),
    ...tableLeaves(
      groupOid('alarms'),
      alarmTable,
      alarmRows(facts, numbers),
      {
        softsetAlarmObject: ({ object }) => object,
        softsetAlarmCause: ({ cause }) => cause,
        softsetAlarmSeverity: ({ severity }) => severity,
        softsetAlarmText: ({ text }) => text,
        softsetAlarmRaisedAt: ({ raisedAtMs }) => raisedAtMs,
        softsetAlarmRaisedBy: ({ raisedBy }) => raisedBy,
        softsetAlarmAcknowledgedBy: ({ acknowledgedBy }) => acknowledgedBy ?? '',
        softsetAlarmOrder: () => 'none',
      },
      { softsetAlarmOrder: alarmWriter(facts) },
    ),
  ].filter((leaf) => leaf.rows.length > 0);

  function systemLeaves({ board, psrm }: Facts, now: NowMs): AnyLeaf[] {
    const state = netrack.value;
    const up = state?.boards.filter(({ verdict }) => boardState(verdict) === 'up').length;
    const connection = (source: Source<unknown>) => () => source.connection;
    return scalarLeaves(groupOid('system'), system, {
      softsetClusterName: () => cluster.name,
      softsetClusterNumber: () => cluster.number,
      softsetReportingBoard: () => board.name,
      softsetTerm: () => state?.term,
      softsetDirector: () => state?.director,
      softsetDeputy: () => state?.deputy,
      softsetRole: () => state?.role,
      softsetDirecting: () => state?.directing,
      softsetQuorum: () => state && state.quorum.present >= state.quorum.needed,
      softsetVotesPresent: () => state?.quorum.present,
      softsetVotesNeeded: () => state?.quorum.needed,
      softsetVotesTotal: () => state?.quorum.votes,
      softsetRegisterTerm: () => state?.register.term,
      softsetRegisterIndex: () => state?.register.index,
      softsetBoardsTotal: () => cluster.boards.length,
      softsetBoardsUp: () => up,
      softsetServicesTotal: () => cluster.services.length,
      softsetServicesHeld: () => state?.services.filter(({ phase }) => phase === 'held').length,
      softsetFaultsStanding: () => state?.faults.length,
      softsetAlarmsStanding: () => state?.alarms.length,
      softsetNetrackSource: connection(netrack),
      softsetNetrackAge: () => {
        if (netrack.connection === 'never') return undefined;
        return netrack.lostMs === undefined ? 0 : now() - netrack.lostMs;
      },
      softsetPsrmSource: connection(psrm),
      softsetRedirectSource: connection(redirect),
      softsetPulse: () => state?.pulse,
    });
  }
}
