import { join } from 'node:path';
import { ok, type Result } from '@softset/base';
import type { NetrackState, RedirectMethods, RedirectTopics, RulesMethods } from '@softset/protocol';
import type { NoParams } from '@softset/protocol/control.js';
import { ownersMayChange } from '@softset/runtime/control-methods.js';
import { serveControl } from '@softset/runtime/control-server.js';
import { type DaemonContext, type RunningDaemon, runDaemon } from '@softset/runtime/daemon.js';
import { openJournal } from '@softset/runtime/journal.js';
import { clusterChanged, loadCluster } from '@softset/runtime/load-cluster.js';
import { askRealTime } from '@softset/runtime/real-time.js';
import { Neighbourhood } from './adapters/neighbourhood.js';
import { NetrackPort } from './adapters/netrack-port.js';
import { PsrmPort } from './adapters/psrm-port.js';
import { PulsePort } from './adapters/pulse-port.js';
import { switchPortsOf } from './adapters/switch-ports.js';
import { TermFile } from './adapters/term-file.js';
import { AgentShell } from './agent-shell.js';
import { methods, topics } from './control.js';
import { DirectorShell } from './director-shell.js';
import { redirectdMetrics } from './metrics.js';
import { obeyProgramOrder } from './ordered-programs.js';
import { checkRules } from './rules/check-rules.js';
import { rulesMethods } from './rules/control.js';
import { RulesShell } from './rules-shell.js';

const VERSION = '0.1.0';

type Served = RedirectMethods & RulesMethods & { metrics: { params: NoParams; result: string } };

async function start(context: DaemonContext): Promise<Result<RunningDaemon>> {
  const { options, log, metrics } = context;
  const { runDir } = options;
  const loaded = await loadCluster(options.cluster, options.board, runDir, options.stateDir);
  if (!loaded.ok) return loaded;
  await askRealTime('redirectd', loaded.value, log);
  const { cluster, board } = loaded.value;
  const warn = (event: string) => (code: string, message: string) => log.warn(event, { code, message });

  let version: NetrackState['register'] | undefined;
  const opened = await openJournal({
    path: join(options.stateDir ?? runDir, 'redirectd.journal'),
    version: () => version,
    onTrouble: ({ code, message, dropped }) => log.warn('journal-trouble', { code, message, dropped }),
  });
  if (!opened.ok) return opened;
  const journal = opened.value;
  const psrm = new PsrmPort(runDir);
  // Ahead of the first order: what is not connected yet refuses it.
  if (cluster.programs.some(({ boards }) => boards.includes(board.id))) psrm.open();
  const neighbourhood = new Neighbourhood(cluster, board, warn('segment-closed'));
  const termFile = new TermFile(runDir, context.bootId);
  const moves = topics();
  const moved = redirectdMetrics(
    metrics,
    () => director,
    () => rules.summary.tally,
  );

  const agent = new AgentShell(cluster, board, {
    context,
    neighbourhood,
    psrm,
    termFile,
    journal,
    netrack: () => netrack,
    sendPulse: (request) => {
      const sent = pulse.send(request);
      if (!sent.ok) log.warn('pulse-not-told', { kind: request.kind, code: sent.code });
    },
  });
  const switchPorts = switchPortsOf(options.cluster);
  const director = new DirectorShell(cluster, board, {
    context,
    switchPorts,
    journal,
    netrack: () => netrack,
    onMove: (move) => {
      moves.moves.publish(move);
      moved.with({ service: move.service }).add();
    },
    onRuled: (id, ok, message) => rules.ruled(id, ok, message),
  });
  const pulse = new PulsePort(runDir, !context.passive, {
    onMessage: (message) => agent.onPulse(message),
    onUp: () => agent.dispatch({ kind: 'pulse-up' }),
    onDown: () => agent.dispatch({ kind: 'pulse-down' }),
    onBad: warn('pulse-unreadable'),
  });
  const netrack = new NetrackPort(runDir, {
    onState: (state) => {
      version = state.register;
      director.dispatch({ kind: 'state', state });
      agent.prefer(state.prefers ?? 'A');
      rules.onState(state);
    },
    onAgent: (message) => (message.kind === 'order' ? agent.order(message) : agent.dispatch(message)),
    onWish: (wish) => director.dispatch('change' in wish ? { kind: 'change', ...wish } : { kind: 'wish', ...wish }),
    onProgramOrder: (order) => {
      const holds = (service: string): boolean => agent.state.services[service]?.phase.kind === 'held';
      void obeyProgramOrder(order, { cluster, psrm, holds }).then((done) => {
        const message = done.ok ? '' : `${done.code}: ${done.message}`;
        const { id: _, who, ...fields } = order;
        journal.append({ who, what: 'program-ordered', fields: { ...fields, ok: done.ok, message } });
        netrack.programDone(order.id, done.ok, message);
      });
    },
    onDown: () => {
      director.dispatch({ kind: 'netrack-lost' });
      rules.onLost();
    },
    onFailed: (method, code, message) => log.warn('netrackd-not-told', { method, code, message }),
  });

  const rules = new RulesShell(cluster, board, { context, journal, netrack: () => netrack, director: () => director });

  const server = await serveControl<Served, RedirectTopics>({
    path: join(runDir, 'redirectd.sock'),
    methods: { ...methods({ cluster, agent, director, netrack, switchPorts, metrics }), ...rulesMethods(rules) },
    topics: moves,
    authorize: ownersMayChange(),
    journal: (record) => journal.append({ who: record.caller, what: `control-${record.phase}`, fields: { ...record } }),
    onError: (error, method) => log.error('method-failed', { method, message: String(error) }),
  });
  const stop = async (): Promise<void> => {
    // Addresses stay: they are the pulse's and the lease's. Only deciding and obeying end here.
    if (server.ok) await server.value.close();
    netrack.close();
    pulse.close();
    psrm.close();
    agent.close();
    director.close();
    rules.close();
    neighbourhood.close();
    await journal.close();
  };
  const reload = async (): Promise<Result<void>> => {
    rules.reload();
    if (await clusterChanged(options, loaded.value)) context.stop();
    return ok(undefined);
  };
  if (server.ok) return ok({ stop, reload });
  await stop();
  return server;
}

void runDaemon({
  name: 'redirectd',
  version: VERSION,
  start,
  checkConfig: async (options) => {
    const loaded = await loadCluster(options.cluster, options.board);
    return loaded.ok ? checkRules(options.cluster, loaded.value.cluster) : loaded;
  },
});
