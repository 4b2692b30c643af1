import type { Board, Cluster, NetrackState, SnmpagState } from '@softset/protocol';
import type { Journal } from '@softset/runtime';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import { AgentxSocket } from './adapters/agentx-socket.js';
import { Sources } from './adapters/sources.js';
import { ERROR } from './core/agentx/errors.js';
import type { Varbind } from './core/agentx/value.js';
import { answer } from './core/mib/answer.js';
import { MibView } from './core/mib/view.js';
import { initial, step } from './core/session/step.js';
import type { Config, Effect, Event, Request, State } from './core/session/types.js';
import { AGENTX_TIMEOUT_S } from './core/snmpd-conf.js';
import { BASE_OID } from './core/softset/base-oid.js';
import { type Facts, gone, heard, nothingKnown } from './core/softset/facts.js';
import * as herald from './core/softset/herald.js';
import { noticeVarbinds } from './core/softset/notice-varbinds.js';
import type { Notice } from './core/softset/notices.js';
import { softsetLeaves } from './core/softset/tables.js';
import { Setter } from './setter.js';

export interface AgentParts {
  readonly cluster: Cluster;
  readonly board: Board;
  readonly agentx: string;
  readonly context: DaemonContext;
  readonly journal: Journal;
}

const TICK = 'tick';
const HERALD = 'herald';

/** The agent: facts come in from the daemons, questions and SETs from snmpd, and notifications go out to it. */
export class Agent {
  readonly #parts: AgentParts;
  readonly #runner: StepRunner<State, Event, Effect>;
  readonly #socket: AgentxSocket;
  readonly #sources: Sources;
  readonly #setter: Setter;
  readonly #requests;
  readonly #startMs = nowMs();
  #facts: Facts;
  #herald = herald.silentHerald;
  /** Of the facts as they stand; made when somebody asks. */
  #view: MibView | undefined;
  #told = 0;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    const { cluster, board, agentx, context, journal } = parts;
    const { log, metrics, ring, crash, options } = context;
    this.#facts = nothingKnown(cluster, board);
    this.#requests = metrics.counter('softset_snmpagd_requests_total', 'Requests of the master agent, by kind');
    metrics.observedGauge('softset_snmpagd_serving', '1 while snmpd can ask', () =>
      this.#runner.state.phase === 'serving' ? 1 : 0,
    );
    const config: Config = { id: BASE_OID, description: `SOFTSET ${board.name}`, timeoutS: AGENTX_TIMEOUT_S };
    this.#runner = new StepRunner<State, Event, Effect>({
      initial,
      step: (state, event, now) => step(state, event, now, config),
      effects: {
        connect: () => this.#socket.connect(),
        'hang-up': () => this.#socket.hangUp(),
        send: ({ pdu }) => this.#socket.send(pdu),
        serve: ({ request }) => this.#serve(request),
        'forget-sets': () => this.#setter.forget(),
        arm: ({ atMs }) => this.#arm(atMs),
        tell: ({ what, why }) => (what === 'up' ? log.info('agentx-up', { why }) : log.warn(`agentx-${what}`, { why })),
      },
      onCrash: crash,
      ring,
    });
    this.#socket = new AgentxSocket(agentx, {
      onConnected: () => this.#runner.dispatch({ kind: 'connected' }),
      onLost: (why) => this.#runner.dispatch({ kind: 'lost', why }),
      onPdu: (pdu) => this.#runner.dispatch({ kind: 'pdu', pdu }),
      onUnreadable: (code) => this.#runner.dispatch({ kind: 'unreadable', code }),
      onBadPdu: (code) => log.warn('agentx-bad-pdu', { code }),
    });
    this.#setter = new Setter({
      view: (where) => this.#viewOf(where),
      perform: (change) => this.#sources.perform(change),
      answer: (to, error, index) => this.#respond(to, error, index),
      journal,
      nowMs,
    });
    this.#runner.dispatch({ kind: 'want', registrations: [{ context: '', subtree: BASE_OID }] });
    this.#runner.dispatch({ kind: 'start' });
    this.#sources = new Sources(options.runDir, {
      onNetrack: (state) => this.#onNetrack(state),
      onPsrm: (programs) => this.#learn({ psrm: heard(programs) }),
      onRedirect: (resting) => this.#learn({ redirect: heard(resting) }),
      onDown: (daemon) => this.#onDown(daemon),
    });
  }

  #arm(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) this.#runner.timers.cancel(TICK);
    else this.#runner.armEvent(TICK, atMs, () => ({ kind: 'tick' }));
  }

  #learn(part: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...part };
    this.#view = undefined;
  }

  #onNetrack(state: NetrackState): void {
    const { cluster, board } = this.#parts;
    const { herald: next, tell } = herald.onState(this.#herald, cluster, board.id, state, nowMs());
    this.#herald = next;
    // First the tables, then the word: whoever is told and looks finds what he was told.
    this.#learn({ netrack: heard(state) });
    this.#tell(tell);
  }

  #onDown(daemon: 'netrack' | 'psrm' | 'redirect'): void {
    if (daemon === 'netrack') this.#herald = herald.onLost(this.#herald);
    this.#learn({ [daemon]: gone<unknown>(this.#facts[daemon], nowMs()) });
  }

  #tell(notices: readonly Notice[]): void {
    for (const notice of notices) {
      this.#told++;
      this.#parts.journal.append({ who: 'snmpagd', what: 'notified', fields: { notice } });
      this.#runner.dispatch({ kind: 'notify', notification: { context: '', varbinds: noticeVarbinds(notice) } });
    }
    const wakeMs = herald.wakeMs(this.#herald);
    if (wakeMs === Number.POSITIVE_INFINITY) this.#runner.timers.cancel(HERALD);
    else this.#runner.timers.arm(HERALD, wakeMs, () => this.#heraldTick());
  }

  #heraldTick(): void {
    const { cluster, board } = this.#parts;
    const { herald: next, tell } = herald.onTick(this.#herald, cluster, board.id, nowMs());
    this.#herald = next;
    this.#tell(tell);
  }

  #viewOf(context: string): MibView | undefined {
    if (context !== '') return undefined;
    this.#view ??= new MibView(softsetLeaves(this.#facts, this.#herald.numbers, nowMs));
    return this.#view;
  }

  #serve(request: Request): void {
    this.#requests.with({ kind: request.kind }).add();
    if (!('ranges' in request)) {
      this.#setter.serve(request);
      return;
    }
    const view = this.#viewOf(request.context ?? '');
    if (view === undefined) this.#respond(request, ERROR.unsupportedContext, 0);
    else this.#respond(request, ERROR.noError, 0, answer(view, request));
  }

  #respond(to: Request, error: number, index: number, varbinds: readonly Varbind[] = []): void {
    const { session, transaction, packet, order } = to;
    // The session that asked is gone: its successor has asked nothing.
    if (this.#runner.state.phase !== 'serving' || this.#runner.state.session !== session) return;
    const upTimeCs = Math.floor((nowMs() - this.#startMs) / 10) >>> 0;
    this.#socket.send({ session, transaction, packet, order, kind: 'response', upTimeCs, error, index, varbinds });
  }

  status(): SnmpagState {
    const { phase, held, wanted, queue, dropped } = this.#runner.state;
    const { netrack, psrm, redirect } = this.#facts;
    return {
      session: phase,
      registered: [...held].map((key) => wanted.get(key)?.context ?? ''),
      sources: { netrackd: netrack.connection, psrmd: psrm.connection, redirectd: redirect.connection },
      notifications: { told: this.#told, waiting: queue.length, dropped },
      sets: this.#setter.underWay,
    };
  }

  close(): void {
    this.#sources.close();
    this.#runner.dispatch({ kind: 'stop' });
    this.#runner.halt();
  }
}
