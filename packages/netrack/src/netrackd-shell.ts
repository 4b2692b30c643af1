import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fail, ok, type Result, seededRandom } from '@softset/base';
import type {
  BoardId,
  BoardMessage,
  Fault,
  NetrackState,
  NetrackTopics,
  ProgramOrder,
  PulseMessage,
  PulseRequest,
} from '@softset/protocol';
import { decodeBoardMessage } from '@softset/protocol/board-message.js';
import type { ControlRecord } from '@softset/runtime/control-methods.js';
import { type ControlServer, serveControl } from '@softset/runtime/control-server.js';
import type { DaemonContext, RunningDaemon } from '@softset/runtime/daemon.js';
import { openJournal } from '@softset/runtime/journal.js';
import type { LoadedCluster } from '@softset/runtime/load-cluster.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { PulseLink } from '@softset/runtime/pulse-link.js';
import { Topic } from '@softset/runtime/topic.js';
import { AgentTopic } from './adapters/agent-topic.js';
import { KeptFiles, nextSession } from './adapters/kept-files.js';
import { hashOf } from './adapters/packed-text.js';
import { openRelay, type Relay } from './adapters/relay-udp.js';
import type { RotatingSealer } from './adapters/sealer.js';
import { Answers } from './answers.js';
import { bootOf } from './boot.js';
import { Configuration, isConfiguration } from './configuration.js';
import { ownersConfigure } from './configuration-methods.js';
import { methods, type Served } from './control.js';
import { initialCluster } from './core/cluster/state.js';
import { stepCluster } from './core/cluster/step.js';
import { hurried } from './core/cluster/tempo.js';
import type { ClusterConfig, ClusterEffect, ClusterEvent, ClusterState } from './core/cluster/types.js';
import { directing, viewOf } from './core/cluster/view.js';
import { NOTHING_LEFT_OUT } from './core/rules.js';
import { Keys } from './keys.js';
import { netrackdMetrics } from './netrackd-metrics.js';
import { opened, Post } from './post.js';
import { ProgramOrders } from './program-orders.js';
import { beginRehearsal } from './rehearsal.js';
import { VERSION } from './version.js';
import { ViewTopic } from './view-topic.js';
import { Ways } from './ways.js';
import { Wishes } from './wishes.js';

/** netrackd's loop tells the pulse that it came round, ms: five times in the second that it is given. */
const ALIVE_MS = 200;
/** Beyond what its programs may take to stop, a live holder has this long to let go, ms. */
const RELEASE_MS = 1000;
/** Intervals between ticks while nothing waits for time. */
const CALM_TICK = 5;

/** netrackd's shell: turns messages, requests and time into events of the cluster's core, and performs its effects. */
export class NetrackdShell implements RunningDaemon {
  readonly #context: DaemonContext;
  readonly #config: ClusterConfig;
  readonly #state: ClusterState;
  readonly #files: KeptFiles;
  #events: ClusterEvent[] = [];
  readonly #serves = new Answers<{ grant: { term: number; n: number } }>();
  readonly #timers: NodeJS.Timeout[] = [];
  #ticker: NodeJS.Timeout | undefined;
  #tickIsSoon = true;
  readonly #wishes: Wishes;
  readonly #programOrders: ProgramOrders;
  readonly #ways: Ways;
  readonly #configuration: Configuration;
  readonly #keys: Keys;
  readonly #view: ViewTopic;
  readonly #agentTopic: AgentTopic;
  readonly #wishTopic = new Topic<NetrackTopics['wishes'] | null, NetrackTopics['wishes']>({
    snapshot: () => null,
    history: 1,
  });
  readonly #programWishTopic = new Topic<NetrackTopics['programWishes'] | null, NetrackTopics['programWishes']>({
    snapshot: () => null,
    history: 1,
  });
  readonly #pulse: PulseLink<PulseRequest, PulseMessage>;
  readonly #relay: Relay;
  readonly #post: Post;
  readonly #programTopic = new Topic<ProgramOrder | null, ProgramOrder>({ snapshot: () => null });
  #control: ControlServer | undefined;
  readonly #stopRehearsal: () => void;
  #stopped = false;
  readonly #forces = new Answers<{ message: string; left: readonly BoardId[] }>();

  constructor(context: DaemonContext, loaded: LoadedCluster, sealer: RotatingSealer, session: number) {
    this.#context = context;
    const { cluster, board } = loaded;
    const { runDir, stateDir } = context.options;
    const stopMs = Math.max(0, ...cluster.programs.map((program) => program.stop.timeoutMs));
    this.#config = {
      cluster,
      self: board.id,
      random: seededRandom(randomBytes(4).readInt32LE()),
      releaseMs: RELEASE_MS + stopMs,
      without: NOTHING_LEFT_OUT,
      configuration: loaded.hash,
      release: VERSION,
    };
    this.#files = new KeptFiles(stateDir ?? runDir);
    const kept = this.#files.read();
    for (const message of kept.damaged) context.log.error('memory-damaged', { message });
    this.#state = initialCluster(this.#config, kept, nowMs());
    if (this.#state.amnesiac)
      context.log.warn('amnesiac', { message: 'no vote record: this board abstains until others have answered it' });
    this.#view = new ViewTopic(viewOf(this.#state, nowMs(), this.#config));
    netrackdMetrics(context.metrics, () => this.#view.view);
    this.#agentTopic = new AgentTopic((listening) => {
      // After the subscription stands, or the first message would miss it.
      setImmediate(() => this.step({ kind: listening ? 'agent-up' : 'agent-down' }));
    });
    this.#wishes = new Wishes({
      self: board.id,
      director: () => this.#state.director,
      directing: () => directing(this.#state, nowMs()),
      send: (to, message) => this.#tell(to, message),
      decide: (wish) => this.#wishTopic.publish(wish),
      clear: (wish) => this.step({ kind: 'clear-alarm', ...wish }),
      rollout: (wish) => this.step({ kind: 'rollout', ...wish }),
      order: (order) => {
        this.#programWishTopic.publish(order);
        return this.#programWishTopic.heeded;
      },
    });
    this.#programOrders = new ProgramOrders({
      self: board.id,
      follows: () => this.#state,
      directing: () => directing(this.#state, nowMs()),
      send: (to, message) => this.#tell(to, message),
      obey: (order) => this.#programTopic.publish(order),
    });
    this.#configuration = new Configuration({
      context,
      loaded,
      send: (to, message) => this.#tell(to, message),
      utter: (rollout, who) => this.#wishes.utter({ kind: 'rollout', rollout, who }),
      rollBack: (who) => this.step({ kind: 'rollout', id: '', wish: { kind: 'rollback' }, who }),
    });
    this.#keys = new Keys({
      context,
      loaded,
      sealer,
      send: (to, message) => this.#tell(to, message),
      view: () => viewOf(this.#state, nowMs(), this.#config),
    });
    this.#ways = new Ways(cluster, board.id, context.log);
    this.#relay = openRelay({
      cluster,
      board: board.id,
      boot: bootOf(context.bootId),
      session,
      sealer,
      log: context.log,
      onDeliver: (from, value) => this.#hear(from, value),
      onDatagram: (from, value) => {
        for (const message of opened(value)) this.#hear(from, message);
      },
    });
    this.#post = new Post((to, value) => this.#relay.datagram(to, value));
    this.#pulse = new PulseLink({
      path: join(runDir, 'pulse.sock'),
      decode: (value) => ok(value as PulseMessage),
      onMessage: (message) => this.#hearPulse(message),
      onUp: () => {
        this.#pulse.send({ kind: 'hello', daemon: 'netrackd' });
        this.step({ kind: 'pulse-up' });
      },
      onDown: () => this.step({ kind: 'pulse-down' }),
    });
    this.#stopRehearsal = beginRehearsal(cluster, board.id, () => this.#failingOver());
    this.#timers.push(setInterval(() => this.#pulse.send({ kind: 'alive' }), ALIVE_MS));
    this.#armTick();
  }

  /** Each interval while something waits for time; else now and then. */
  #armTick(): void {
    const hurried = this.#hurried();
    const { intervalMs } = this.#config.cluster.timing;
    this.#tickIsSoon = hurried;
    clearTimeout(this.#ticker);
    this.#ticker = setTimeout(
      () => {
        this.step({ kind: 'tick' });
        this.#tellFaults(this.#ways.due(this.#view.view.services, nowMs()));
        this.#armTick();
      },
      hurried ? intervalMs : CALM_TICK * intervalMs,
    );
  }

  #hurried(): boolean {
    return this.#ways.waits || hurried(this.#state, this.#config);
  }

  async serve(): Promise<Result<void>> {
    const { runDir, stateDir } = this.#context.options;
    const journal = await openJournal({
      path: join(stateDir ?? runDir, 'netrackd.journal'),
      version: () => this.#state.register,
    });
    if (!journal.ok) return journal;
    this.#configuration.journal = journal.value;
    this.#keys.journal = journal.value;
    const served = await serveControl<Served, NetrackTopics>({
      path: join(runDir, 'netrackd.sock'),
      methods: methods({
        cluster: this.#config.cluster,
        state: () => viewOf(this.#state, nowMs(), this.#config),
        register: () => this.#state.register,
        step: (event) => this.step(event),
        serve: (service, board, cause) =>
          this.#serves.wait((id) => this.step({ kind: 'serve', id, service, board, cause })),
        force: (who) => this.#forces.wait((id) => this.step({ kind: 'force', id, who })),
        wishes: this.#wishes,
        programOrders: this.#programOrders,
        configuration: this.#configuration,
        keys: this.#keys,
        metrics: () => this.#context.metrics.text(),
      }),
      topics: {
        state: this.#view.topic,
        agent: this.#agentTopic,
        wishes: this.#wishTopic,
        programOrders: this.#programTopic,
        programWishes: this.#programWishTopic,
      },
      authorize: ownersConfigure(this.#context.options.cluster),
      journal: (record) =>
        journal.value.append({
          who: record.caller.name ?? `uid ${record.caller.uid}`,
          what: record.method,
          fields: brief(record),
        }),
    });
    if (!served.ok) return served;
    this.#control = served.value;
    return ok(undefined);
  }

  /** In order and acknowledged. */
  #tell(to: BoardId, message: BoardMessage): void {
    const sent = this.#relay.send(to, message);
    if (!sent.ok) this.#context.log.warn('not-sent', { peer: to, kind: message.kind, code: sent.code });
  }

  #hear(from: number, value: unknown): void {
    const message = decodeBoardMessage(value);
    if (!message) {
      this.#context.log.warn('message-malformed', { peer: from });
      return;
    }
    if (message.kind === 'wish') this.#wishes.take(from, message.wish);
    else if (message.kind === 'program-wish') this.#wishes.takeProgram(from, message);
    else if (message.kind === 'wished') this.#wishes.heard(message.id, message.ok, message.message);
    else if (message.kind === 'program-order' || message.kind === 'program-done')
      this.#programOrders.hear(from, message);
    else if (message.kind === 'key-order' || message.kind === 'key-done') this.#keys.hear(from, message);
    else if (isConfiguration(message)) this.#configuration.hear(from, message);
    else this.step({ kind: 'message', from, message });
  }

  #hearPulse(message: PulseMessage): void {
    if (message.kind === 'keyed') this.#keys.heardPulse(message);
    if (message.kind === 'report') {
      for (const { board, verdict } of message.report.boards) {
        if (verdict === 'up' || verdict === 'down') this.#relay.peer(board, verdict === 'up');
      }
    }
    this.step({ kind: 'pulse', message });
    if (message.kind === 'report') this.#tellFaults(this.#ways.note(message.report, this.#view.view.services, nowMs()));
  }

  /** Somebody is being judged, or voted for: every millisecond counts now. */
  #failingOver(): boolean {
    const { role, report, lead } = this.#state;
    if (role === 'candidate' || (lead && lead.moves.size > 0)) return true;
    return report?.boards.some(({ verdict }) => verdict === 'silent') === true;
  }

  #tellFaults(faults: readonly Fault[] | undefined): void {
    if (faults && JSON.stringify(faults) !== JSON.stringify(this.#state.faults)) this.step({ kind: 'faults', faults });
  }

  /** What comes in one turn of the event loop is taken together: an election brings dozens of messages at once. */
  step(event: ClusterEvent): void {
    if (event.kind !== 'tick') this.#context.ring.record(nowMs(), event.kind, event);
    if (this.#events.push(event) === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    if (this.#stopped) return;
    const events = this.#events;
    this.#events = [];
    try {
      for (const effect of stepCluster(this.#state, events, nowMs(), this.#config)) this.#perform(effect);
      this.#post.deliver();
      if (!this.#tickIsSoon && this.#hurried()) this.#armTick();
    } catch (error) {
      this.#context.crash(error);
    }
  }

  #perform(effect: ClusterEffect): void {
    const { log } = this.#context;
    switch (effect.kind) {
      case 'pulse':
        this.#pulse.send(effect.request);
        break;
      case 'send':
        this.#post.add(effect.to, effect.message);
        break;
      case 'agent':
        this.#agentTopic.publish(effect.message);
        break;
      case 'keep-vote':
        void this.#files.keepVote(effect.memory).then((kept) => {
          // A vote that is not on disk is not given (T3): the board stays silent, and says why.
          if (kept.ok) this.step({ kind: 'vote-kept', memory: effect.memory });
          else log.error('vote-not-kept', { code: kept.code, message: kept.message });
        });
        break;
      case 'keep-register': {
        const { register, answer } = effect;
        if (!answer) {
          this.#files.keepRegisterAtLeisure(register, (message) => log.error('register-not-kept', { message }));
          break;
        }
        void this.#files.keepRegister(register).then((kept) => {
          if (kept.ok) this.step({ kind: 'register-kept', term: register.term, index: register.index });
          else log.error('register-not-kept', { code: kept.code, message: kept.message });
        });
        break;
      }
      case 'served':
        this.#serves.settle(effect.id, { grant: effect.grant });
        break;
      case 'not-served':
        this.#serves.settle(effect.id, fail(effect.code, effect.message));
        break;
      case 'forced': {
        const { id, left } = effect;
        this.#forces.settle(id, { message: 'a quorum is forced; an alarm says so until it is cleared', left });
        break;
      }
      case 'not-forced':
        this.#forces.settle(effect.id, fail(effect.code, effect.message));
        break;
      case 'answer-wish':
        this.#wishes.answer(effect.id, effect.ok, effect.message);
        break;
      case 'publish':
        this.#ways.hold(
          effect.state.services,
          { left: leftOf(effect.state), prefers: effect.state.prefers ?? 'A' },
          nowMs(),
        );
        this.#view.publish(effect.state);
        this.#configuration.look(effect.state);
        break;
      case 'log':
        log.info(effect.event, effect.fields);
        break;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#ticker);
    this.#view.close();
    this.#stopRehearsal();
    this.#configuration.close();
    this.#pulse.close();
    this.#relay.close();
    this.#ways.close();
    this.#files.close();
    await this.#control?.close();
  }
}

/** A journal's line names a cluster file by its hash: the file itself is long, and kept elsewhere. */
function brief(record: ControlRecord): Record<string, unknown> {
  const { text, ...rest } = ('params' in record ? record.params : {}) as { readonly text?: unknown };
  return typeof text === 'string' ? { ...record, params: { ...rest, hash: hashOf(text) } } : { ...record };
}

function leftOf({ boards }: NetrackState): readonly BoardId[] {
  return boards.filter(({ left }) => left === true).map(({ board }) => board);
}

/** Opens everything and serves. Errors: errno's names, and those of the parts. */
export async function startNetrackd(
  context: DaemonContext,
  loaded: LoadedCluster,
  sealer: RotatingSealer,
): Promise<Result<RunningDaemon>> {
  const session = nextSession(context.options.runDir);
  if (!session.ok) return session;
  const shell = new NetrackdShell(context, loaded, sealer, session.value);
  const served = await shell.serve();
  return served.ok ? ok(shell) : served;
}
