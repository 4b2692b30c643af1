import type { Board, Cluster, NetrackState, SnmpagState, SnmpFact } from '@softset/protocol';
import type { Journal } from '@softset/runtime';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import { AgentxSocket } from './adapters/agentx-socket.js';
import type { AgentSecrets } from './adapters/snmp-manager.js';
import { type Daemon, Sources } from './adapters/sources.js';
import { ERROR } from './core/agentx/errors.js';
import type { Varbind } from './core/agentx/value.js';
import { entityLeaves } from './core/entity/entity-leaves.js';
import { entityStateLeaves } from './core/entity/entity-state.js';
import { interfaceLeaves, type MergedInterface, mergedInterfaces } from './core/entity/merged-interfaces.js';
import { entities } from './core/entity/physical.js';
import { answer } from './core/mib/answer.js';
import { type AnyLeaf, MibView } from './core/mib/view.js';
import { initial, step } from './core/session/step.js';
import type { Config, Effect, Event, Request, State } from './core/session/types.js';
import { setBy, signedContext, signers } from './core/set/set-by.js';
import { AGENTX_TIMEOUT_S } from './core/snmpd-conf.js';
import { aggregatorLeaves } from './core/softset/aggregator-leaves.js';
import { BASE_OID } from './core/softset/base-oid.js';
import { type Facts, gone, heard, nothingKnown } from './core/softset/facts.js';
import * as herald from './core/softset/herald.js';
import { noticeVarbinds } from './core/softset/notice-varbinds.js';
import type { Notice } from './core/softset/notices.js';
import { registrations } from './core/softset/registrations.js';
import { switchWord } from './core/softset/switch-word.js';
import { softsetLeaves } from './core/softset/tables.js';
import { FactDesk } from './fact-desk.js';
import { Relays } from './relays.js';
import { Setter } from './setter.js';

export interface AgentParts {
  readonly cluster: Cluster;
  readonly board: Board;
  readonly agentx: string;
  /** Of the agents behind, by name. */
  readonly secrets: ReadonlyMap<string, AgentSecrets>;
  readonly context: DaemonContext;
  readonly journal: Journal;
  readonly onFacts: (facts: readonly SnmpFact[]) => void;
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
  readonly #relays: Relays;
  readonly #factDesk: FactDesk;
  /** Contexts of one user each. */
  readonly #signed: ReadonlySet<string>;
  readonly #requests;
  readonly #startMs = nowMs();
  #facts: Facts;
  #herald = herald.silentHerald;
  /** Of the facts as they stand; made when somebody asks. */
  #view: MibView | undefined;
  /** Of the agents behind; made anew when one of them changes. */
  #merged: readonly MergedInterface[] | undefined;
  #told = 0;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    const { cluster, board, agentx, secrets, context, journal } = parts;
    const { log, metrics, ring, crash, options } = context;
    this.#facts = nothingKnown(cluster, board);
    this.#signed = new Set(signers(cluster.snmp).map(signedContext));
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
    this.#relays = new Relays({
      agents: cluster.snmp?.agents ?? [],
      secrets: (agent) => secrets.get(agent) ?? {},
      nowMs,
      log,
      metrics,
      onChange: () => {
        this.#merged = undefined;
        this.#view = undefined;
      },
      onInventory: (relayed, inventory) => this.#factDesk.onInventory(relayed, inventory),
    });
    this.#factDesk = new FactDesk({
      agents: this.#relays.all,
      linkFreshMs: cluster.snmp?.traps?.freshMs ?? 0,
      nowMs,
      log,
      metrics,
      onFacts: parts.onFacts,
      tellRules: (agent, values) => this.#sources.tellFacts(agent, values),
      onNotified: (relayed) => this.#relays.hurry(relayed),
    });
    this.#setter = new Setter({
      relays: this.#relays,
      setBy: (where) => setBy(cluster.snmp, where),
      view: (where) => this.#viewOf(where),
      perform: (change) => this.#sources.perform(change),
      answer: (to, error, index) => this.#respond(to, error, index),
      journal,
      nowMs,
    });
    this.#runner.dispatch({ kind: 'want', registrations: registrations(cluster) });
    this.#runner.dispatch({ kind: 'start' });
    this.#sources = new Sources(options.runDir, {
      onNetrack: (state) => this.#onNetrack(state),
      onPsrm: (programs) => this.#learn({ psrm: heard(programs) }),
      onRedirect: (resting) => this.#learn({ redirect: heard(resting) }),
      onRules: (rules) => {
        this.#learn({ rules: heard(rules) });
        this.#factDesk.onAsked(rules.snmp);
      },
      onRedirectUp: () => this.#factDesk.tellAll(),
      onGeoDhcp: (geodhcp) => this.#learn({ geodhcp: heard(geodhcp) }),
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
    this.#relays.onNetrack(state);
    this.#tell(tell);
  }

  #onDown(daemon: Daemon): void {
    if (daemon === 'netrack') {
      this.#herald = herald.onLost(this.#herald);
      this.#relays.onNetrack(undefined);
    }
    if (daemon === 'redirect') this.#learn({ rules: gone(this.#facts.rules, nowMs()) });
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
    if (context !== '' && !this.#signed.has(context)) return undefined;
    this.#view ??= new MibView(this.#leaves());
    return this.#view;
  }

  #leaves(): readonly AnyLeaf[] {
    const { cluster, board } = this.#parts;
    const netrack = this.#facts.netrack.value;
    const behind = this.#relays.all;
    this.#merged ??= mergedInterfaces(behind);
    const all = entities(cluster, behind, this.#merged);
    const inPool = (id: number): boolean => cluster.services.some(({ pool }) => pool.includes(id));
    return [
      ...softsetLeaves(this.#facts, this.#herald, nowMs, switchWord(cluster, this.#merged)),
      ...aggregatorLeaves(behind, this.#merged, nowMs),
      ...interfaceLeaves(this.#merged),
      ...entityLeaves({ cluster, board, behind, entities: all }),
      ...entityStateLeaves({ entities: all, netrack, inPool, nowMs, wallMs: Date.now }),
    ];
  }

  #serve(request: Request): void {
    this.#requests.with({ kind: request.kind }).add();
    if (!('ranges' in request)) {
      this.#setter.serve(request);
      return;
    }
    const { context = '' } = request;
    if (this.#relays.has(context)) {
      void this.#relays
        .question(context, request)
        .then(({ error, index, varbinds }) => this.#respond(request, error, index, varbinds));
      return;
    }
    const view = this.#viewOf(context);
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
    const { netrack, psrm, redirect, geodhcp } = this.#facts;
    return {
      session: phase,
      registered: [...held.values()].map(({ context }) => context),
      missing: [...wanted.keys()].filter((key) => !held.has(key)).length,
      sources: {
        netrackd: netrack.connection,
        psrmd: psrm.connection,
        redirectd: redirect.connection,
        geodhcpd: geodhcp.connection,
      },
      agents: Object.fromEntries(this.#relays.all.map(({ agent, target }) => [agent.name, target.phase])),
      notifications: { told: this.#told, waiting: queue.length, dropped },
      sets: this.#setter.underWay,
    };
  }

  facts(): readonly SnmpFact[] {
    return this.#factDesk.facts();
  }

  /** Of the agents behind, by name. */
  learnSecrets(secrets: ReadonlyMap<string, AgentSecrets>): void {
    this.#relays.learnSecrets(secrets);
  }

  /** Process of the snmpd that is connected; undefined where there is none, or by TCP. */
  master(): number | undefined {
    const fd = this.#socket.fd;
    const peer = fd === undefined ? undefined : this.#parts.context.kernel.peerCredentials(fd);
    return peer?.ok ? peer.value.pid : undefined;
  }

  /** A line of snmptrapd's. */
  onTrapLine(line: string): void {
    this.#factDesk.onTrapLine(line);
  }

  get trapCounts(): FactDesk['counts'] {
    return this.#factDesk.counts;
  }

  close(): void {
    this.#sources.close();
    this.#factDesk.close();
    this.#relays.close();
    this.#runner.dispatch({ kind: 'stop' });
    this.#runner.halt();
  }
}
