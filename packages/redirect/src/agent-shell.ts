import type { Board, Cluster, Network, PulseMessage, PulseRequest } from '@softset/protocol';
import type { DaemonContext } from '@softset/runtime/daemon.js';
import type { Journal } from '@softset/runtime/journal.js';
import { nowMs } from '@softset/runtime/now-ms.js';
import { StepRunner } from '@softset/runtime/step-runner.js';
import type { Neighbourhood } from './adapters/neighbourhood.js';
import type { NetrackPort } from './adapters/netrack-port.js';
import type { PsrmPort } from './adapters/psrm-port.js';
import type { TermFile } from './adapters/term-file.js';
import { agentStep, agentWakeMs } from './core/agent.js';
import { type AgentEffect, type AgentEvent, type AgentState, agentConfig, agentStart } from './core/agent-state.js';

import { warmUp } from './core/warm-up.js';

export interface AgentPorts {
  readonly context: DaemonContext;
  readonly neighbourhood: Neighbourhood;
  readonly psrm: PsrmPort;
  readonly termFile: TermFile;
  readonly journal: Journal;
  /** These two speak back to the agent, so that they are made after it. */
  readonly netrack: () => Pick<NetrackPort, 'outcome' | 'confirmTerm' | 'alarm'>;
  readonly sendPulse: (request: PulseRequest) => void;
}

/** How often the segments are read and asked for boards whose MAC is not known. */
const REFRESH_MS = 1000;

/** Runs the agent's core: turns what the ports say into events, and performs effects in order. */
export class AgentShell {
  readonly #runner: StepRunner<AgentState, AgentEvent, AgentEffect>;
  readonly #config: ReturnType<typeof agentConfig>;
  readonly #ports: AgentPorts;
  readonly #refresh: NodeJS.Timeout;
  #questions: Extract<AgentEffect, { kind: 'ask' }>[] = [];

  constructor(cluster: Cluster, board: Board, ports: AgentPorts) {
    const { context, neighbourhood, psrm, termFile, journal, netrack, sendPulse } = ports;
    const config = agentConfig(cluster, board.id);
    this.#config = config;
    this.#ports = ports;
    const { log } = context;
    this.#runner = new StepRunner<AgentState, AgentEvent, AgentEffect>({
      initial: agentStart(config, termFile.read()),
      step: (state, event, now) => agentStep(state, event, now, config),
      onCrash: context.crash,
      ring: context.ring,
      effects: {
        ask: (question) => {
          if (this.#questions.push(question) === 1) setImmediate(() => this.#ask());
        },
        pulse: ({ request }) => sendPulse(request),
        announce: ({ network, addresses, mac }) => neighbourhood.announce(network, addresses, mac),
        probe: ({ addresses }) => neighbourhood.probe(addresses),
        program: ({ service, program, want, timeoutMs }) => {
          // Not awaited here: effects behind it must not wait for a program.
          void psrm.call(want, program, timeoutMs).then((answer) => {
            const message = answer.ok ? '' : `${answer.code}: ${answer.message}`;
            this.dispatch({ kind: 'program', service, program, want, ok: answer.ok, message });
          });
        },
        outcome: ({ outcome }) => {
          netrack().outcome(outcome);
          log.info('order-done', { ...outcome });
          journal.append({ who: 'agent', what: 'order-done', fields: { ...outcome } });
        },
        'persist-term': ({ term }) => {
          const written = termFile.write(term);
          // The run directory is memory: a failure there is no reason to hold an election up, since the pulse keeps
          // the term as well; it is a reason to say so.
          if (!written.ok) log.error('term-not-kept', { code: written.code, message: written.message });
        },
        'confirm-term': ({ term }) => netrack().confirmTerm(term),
        alarm: ({ alarm }) => {
          netrack().alarm({ ...alarm, raisedAtMs: Date.now(), raisedBy: board.id });
          journal.append({ who: 'agent', what: 'alarm', fields: { ...alarm } });
        },
      },
    });
    this.#look();
    // Before the first order: compiled paths, and sockets that were used once.
    warmUp(config);
    neighbourhood.ask([board.addresses.A], config.askTries, config.askMs);
    this.#refresh = setInterval(() => this.#look(), REFRESH_MS);
  }

  get state(): AgentState {
    return this.#runner.state;
  }

  dispatch(event: AgentEvent): void {
    this.#runner.dispatch(event);
    const wakeMs = agentWakeMs(this.#runner.state, this.#config);
    if (wakeMs === undefined) this.#runner.timers.cancel('wake');
    else this.#runner.timers.arm('wake', wakeMs, () => this.dispatch({ kind: 'tick' }));
  }

  onPulse(message: PulseMessage) {
    switch (message.kind) {
      case 'report':
        return this.dispatch({ kind: 'report', report: message.report });
      case 'lost':
        return this.dispatch({ kind: 'lost', service: message.service, grant: message.grant, why: message.why });
      case 'created':
      case 'released':
      case 'rehomed':
      case 'refused':
        return this.dispatch({ kind: 'answer', answer: message });
      default:
        // Pace, stock and terms are netrackd's.
        return;
    }
  }

  /** By each state of netrackd's: told on when it is another. */
  prefer(network: Network): void {
    if (network !== this.state.prefers) this.dispatch({ kind: 'prefer', network });
  }

  #look(): void {
    this.#ports.neighbourhood.refresh();
    this.#macs();
    this.dispatch({ kind: 'round', answers: this.#ports.neighbourhood.overheard() });
  }

  #macs(): void {
    const macs = this.#ports.neighbourhood.macs();
    if (macs !== undefined) this.dispatch({ kind: 'macs', macs });
  }

  /**
   * All questions that came together are asked together: when a board with many services fails, its heir asks for all
   * of them in one wait, not in one wait for each.
   */
  #ask(): void {
    const questions = this.#questions;
    this.#questions = [];
    const addresses = [...new Set(questions.flatMap((question) => question.addresses))];
    const tries = Math.max(...questions.map((question) => question.tries));
    const waitMs = Math.max(...questions.map((question) => question.waitMs));
    const answers = this.#ports.neighbourhood.ask(addresses, tries, waitMs);
    this.#macs();
    for (const { service, grant, addresses: own } of questions) {
      this.dispatch({ kind: 'asked', service, grant, answers: answers.filter((answer) => own.includes(answer.ip)) });
    }
  }

  /** Order received, journaled with its time, so that a slow move can be told apart from a late order. */
  order(event: Extract<AgentEvent, { kind: 'order' }>): void {
    const startMs = nowMs();
    this.dispatch(event);
    const { kind, service, grant, term, cause } = event.order;
    const fields = { kind, service, grant, term, cause, durationMs: nowMs() - startMs };
    this.#ports.journal.append({ who: 'agent', what: 'order', fields });
  }

  close(): void {
    clearInterval(this.#refresh);
    this.#runner.halt();
  }
}
