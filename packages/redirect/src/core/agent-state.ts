import type { Ip, Mac } from '@softset/base';
import type {
  Alarm,
  AlarmCause,
  BoardId,
  Cluster,
  Grant,
  LossCause,
  Network,
  Order,
  OrderOutcome,
  PulseAnswer,
  PulseReport,
  PulseRequest,
} from '@softset/protocol';
import { stopMsOf } from '@softset/protocol/stop-time.js';
import { HOME_START, type Home } from './home-network.js';

/** What is looked at of a pulse's report. */
export type Looked = Pick<PulseReport, 'carrier' | 'boards' | 'held'>;

/** The agent's state, events and effects: plain data, so that they cross sockets and can be replayed. */
export interface AgentState {
  /** Orders of older terms are refused (T3). */
  readonly term: number;
  /** A newer term that is confirmed once nothing of an older one is under way. */
  readonly wantedTerm: number;
  readonly services: Readonly<Record<string, ServiceWork>>;
  /** Number of the last request to the pulse. */
  readonly requests: number;
  /** down: no socket. new: a socket, and no report yet, so what the pulse holds is not known. up: in step. */
  readonly pulse: 'down' | 'new' | 'up';
  /** The pulse's newest report. */
  readonly report?: Looked;
  readonly home: Home;
  /** The register's word: which network addresses stand on while it works. */
  readonly prefers: Network;
  readonly macs: Macs;
}

export interface Macs {
  readonly own: readonly Mac[];
  readonly boards: readonly { readonly board: BoardId; readonly mac: Mac }[];
}

export interface ServiceWork {
  readonly phase: Phase;
  /** Programs that run only where the address is (`exclusive: program`), by name. */
  readonly programs: Readonly<Record<string, ProgramWork>>;
  /** Monotonic times of the announcements to come, ascending. */
  readonly rounds: readonly number[];
  /** When it was announced last; 0 for never. */
  readonly announcedMs: number;
  /** What came of the newest take: a repeated order gets the same answer. */
  readonly last?: OrderOutcome;
  /** Alarms that stand, by cause: each is raised once and cleared once. */
  readonly alarms: readonly AgentAlarm[];
  /** Since it was taken: whether somebody else answers for it (agent-strangers.ts). */
  readonly watch?: Watch | undefined;
}

export interface Watch {
  /** Rounds in a row in which a stranger was heard. */
  readonly heard: number;
  /** Rounds for which its addresses are still asked for. */
  readonly left: number;
  /** Rounds since that was so. */
  readonly sinceRounds: number;
}

export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking'; readonly order: Order }
  | {
      readonly kind: 'creating';
      readonly order: Order;
      readonly network: Network;
      readonly request: number;
      /** Absent: it waits for another board (M8), and ends by order. */
      readonly untilMs?: number;
      /** Held already under an earlier grant: a refusal leaves it so. */
      readonly before?: { readonly grant: Grant; readonly network: Network };
    }
  | { readonly kind: 'held'; readonly grant: Grant; readonly network: Network; readonly rehome?: Rehome }
  /** Its element ended without an order: programs run on, and the director grants anew. */
  | { readonly kind: 'lost'; readonly grant: Grant }
  | {
      readonly kind: 'releasing';
      readonly grant: Grant;
      readonly request: number;
      /** The pulse confirmed in the sense of M2. */
      readonly released: boolean;
      /** When programs that do not stop are given up. */
      readonly untilMs: number;
      /** The pulse refused, and is asked again at this time. */
      readonly againMs?: number;
      /** What is answered at the end. */
      readonly outcome: OrderOutcome;
      /** A take of a later grant that waits for the end. */
      readonly next?: Order;
      /** Who waits for it. */
      readonly heir?: BoardId;
    };

export interface Rehome {
  readonly request: number;
  readonly network: Network;
  /** Asked again after this time, if nothing came of it. */
  readonly againMs: number;
}

export interface ProgramWork {
  readonly want: 'start' | 'stop';
  readonly state: 'calling' | 'done' | 'waiting';
  /** waiting: when it is tried again. */
  readonly againMs: number;
  /** Refusals in a row. */
  readonly failures: number;
}

/** LEASE_LOST: held no more, without an order. ADDRESS_IN_USE: somebody else answers for it. */
export type AgentAlarm = Extract<
  AlarmCause,
  'LEASE_LOST' | 'ADDRESS_IN_USE' | 'PROGRAM_NOT_STARTED' | 'PROGRAM_NOT_STOPPED'
>;

/** An answer to the question who has an address. */
export interface Answer {
  readonly ip: Ip;
  readonly network: Network;
  readonly mac: Mac;
}

export type AgentEvent =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'term'; readonly term: number }
  | { readonly kind: 'asked'; readonly service: string; readonly grant: Grant; readonly answers: readonly Answer[] }
  | { readonly kind: 'pulse-up' }
  | { readonly kind: 'pulse-down' }
  | { readonly kind: 'answer'; readonly answer: PulseAnswer }
  | { readonly kind: 'report'; readonly report: Looked }
  | { readonly kind: 'lost'; readonly service: string; readonly grant: Grant; readonly why: LossCause }
  | {
      readonly kind: 'program';
      readonly service: string;
      readonly program: string;
      readonly want: 'start' | 'stop';
      readonly ok: boolean;
      readonly message: string;
    }
  | { readonly kind: 'macs'; readonly macs: Macs }
  | { readonly kind: 'prefer'; readonly network: Network }
  /** Once a second: who else said since the last that a service's address is his, on either network. */
  | { readonly kind: 'round'; readonly answers: readonly Answer[] }
  | { readonly kind: 'tick' };

export type AgentEffect =
  /** Ask for all addresses on both networks, `tries` times within `waitMs` in all; answered by the event `asked`. */
  | {
      readonly kind: 'ask';
      readonly service: string;
      readonly grant: Grant;
      readonly addresses: readonly Ip[];
      readonly tries: number;
      readonly waitMs: number;
    }
  /** Ask for them on both networks, and wait for nothing: who answers is in the next round. */
  | { readonly kind: 'probe'; readonly addresses: readonly Ip[] }
  | {
      readonly kind: 'pulse';
      readonly request: Extract<PulseRequest, { kind: 'create' | 'release' | 'rehome' }>;
    }
  | {
      readonly kind: 'announce';
      readonly service: string;
      readonly network: Network;
      readonly addresses: readonly Ip[];
      /** Theirs, where it is not the device's. */
      readonly mac?: Mac;
    }
  /** Answered by the event `program`, at `timeoutMs` at the latest. */
  | {
      readonly kind: 'program';
      readonly service: string;
      readonly program: string;
      readonly want: 'start' | 'stop';
      readonly timeoutMs: number;
    }
  | { readonly kind: 'outcome'; readonly outcome: OrderOutcome }
  /** Before the confirmation: an adopted term outlives this daemon (T3). */
  | { readonly kind: 'persist-term'; readonly term: number }
  | { readonly kind: 'confirm-term'; readonly term: number }
  | { readonly kind: 'alarm'; readonly alarm: Pick<Alarm, 'object' | 'cause' | 'severity' | 'text'> };

export interface AgentService {
  readonly service: string;
  readonly addresses: readonly Ip[];
  /** Moves along with them; absent: they have the device's. */
  readonly mac?: Mac;
  /** On the shared segment, by gratuitous ARP and unsolicited neighbour advertisement. */
  readonly announced: boolean;
  /** Programs that run only with the address, and how long each may take to stop. */
  readonly programs: readonly { readonly program: string; readonly stopMs: number }[];
}

export interface AgentConfig {
  readonly services: readonly AgentService[];
  readonly askMs: number;
  readonly askTries: number;
  /** Announcements after the first, counted from it. */
  readonly roundsMs: readonly number[];
  /** How long the pulse may take to answer a create. */
  readonly createMs: number;
  /** Between tries of psrmd, and of rehoming. */
  readonly retryMs: number;
  /** Added to a program's own stop timeout. */
  readonly stopMarginMs: number;
  /** How long A must have been good before addresses return to it. */
  readonly homeMs: number;
  /** Least time between announcements because boards came back. */
  readonly healMs: number;
}

/**
 * A peer's kernel answers ARP within 0.1 ms on a quiet segment; 1.5 ms is what the budget of a move (3 ms from order to
 * answering address) leaves for two questions. Rounds: hosts and switches that missed one hear another; a broadcast has
 * no acknowledgement, and a wrong cache entry lives for minutes to hours.
 */
export function agentConfig(cluster: Cluster, board: BoardId): AgentConfig {
  const services = cluster.services.map((service): AgentService => {
    const exclusive = cluster.programs.filter(
      (program) =>
        program.exclusive === 'program' && service.programs.includes(program.name) && service.pool.includes(board),
    );
    return {
      service: service.name,
      addresses: service.addresses.map((address) => address.ip),
      ...(service.mac === undefined ? {} : { mac: service.mac }),
      announced: service.announce.includes('arp'),
      programs: exclusive.map((program) => ({ program: program.name, stopMs: stopMsOf(program, cluster.programs) })),
    };
  });
  return {
    services,
    askMs: 1.5,
    askTries: 2,
    roundsMs: [10, 50, 200, 1000, 5000],
    createMs: 500,
    retryMs: 100,
    stopMarginMs: 1000,
    homeMs: 1000,
    healMs: 100,
  };
}

/** `term`: the one that was confirmed last in this boot, 0 for none. */
export function agentStart(config: AgentConfig, term: number): AgentState {
  const idle: ServiceWork = { phase: { kind: 'idle' }, programs: {}, rounds: [], announcedMs: 0, alarms: [] };
  return {
    term,
    wantedTerm: term,
    services: Object.fromEntries(config.services.map(({ service }) => [service, idle])),
    requests: 0,
    pulse: 'down',
    home: HOME_START,
    prefers: 'A',
    macs: { own: [], boards: [] },
  };
}
