import { join } from 'node:path';
import type { Result } from '@softset/base';
import { type ControlClient, connectControl } from '@softset/client/control-client.js';
import type {
  AgentMessage,
  Alarm,
  BoardId,
  Change,
  Grant,
  NetrackMethods,
  NetrackState,
  NetrackTopics,
  OrderOutcome,
  ProgramOrder,
} from '@softset/protocol';

export interface NetrackHandlers {
  readonly onState: (state: NetrackState) => void;
  readonly onAgent: (message: AgentMessage) => void;
  readonly onWish: (wish: NetrackTopics['wishes']) => void;
  readonly onProgramOrder: (order: ProgramOrder) => void;
  readonly onDown: () => void;
  readonly onFailed: (method: string, code: string, message: string) => void;
}

/** Alarms that wait for netrackd; beyond it the oldest goes. */
const ALARMS_MAX = 64;
const ALARM_RETRY_MS = 500;

/** netrackd's control socket. Outcomes and confirmations that are lost are asked for again by the director. */
export class NetrackPort {
  readonly #client: ControlClient<NetrackMethods, NetrackTopics>;
  readonly #handlers: NetrackHandlers;
  /** By object and cause: a later word about the same thing replaces the earlier. */
  readonly #alarms = new Map<string, Alarm>();
  readonly #retry: NodeJS.Timeout;

  constructor(runDir: string, handlers: NetrackHandlers) {
    this.#handlers = handlers;
    this.#client = connectControl(join(runDir, 'netrackd.sock'), {
      name: 'redirectd',
      onDown: handlers.onDown,
      onUp: () => this.#sendAlarms(),
    });
    // Topics of messages have no snapshot: it says only from where they count.
    this.#client.subscribe('agent', () => {}, handlers.onAgent);
    this.#client.subscribe('wishes', () => {}, handlers.onWish);
    this.#client.subscribe('programOrders', () => {}, handlers.onProgramOrder);
    this.#client.subscribe('state', (state) => state !== null && handlers.onState(state), handlers.onState);
    this.#retry = setInterval(() => this.#sendAlarms(), ALARM_RETRY_MS).unref();
  }

  serve(service: string, board: BoardId, cause: string): Promise<Result<{ grant: Grant }>> {
    return this.#client.call('serve', { service, board, cause });
  }

  wishMove(service: string, board: string): Promise<Result<{ message: string }>> {
    return this.#client.call('wish', { kind: 'move', service, board }, { timeoutMs: 10_000 });
  }

  wishChange(change: Change): Promise<Result<{ message: string }>> {
    return this.#client.call('wish', { kind: 'change', change }, { timeoutMs: 10_000 });
  }

  fenced(board: BoardId): void {
    this.#tell('fenced', this.#client.call('fenced', { board }));
  }

  amend(change: Change): void {
    this.#tell('amend', this.#client.call('amend', { change }));
  }

  outcome(outcome: OrderOutcome): void {
    this.#tell('outcome', this.#client.call('outcome', { outcome }));
  }

  confirmTerm(term: number): void {
    this.#tell('confirmTerm', this.#client.call('confirmTerm', { term }));
  }

  wished(id: string, ok: boolean, message: string): void {
    this.#tell('wished', this.#client.call('wished', { id, ok, message }));
  }

  /** Answered when the other board's psrmd has done it, or could not. */
  orderProgram(wanted: NetrackMethods['orderProgram']['params']): Promise<Result<{ message: string }>> {
    return this.#client.call('orderProgram', wanted, { timeoutMs: 15_000 });
  }

  programDone(id: string, ok: boolean, message: string): void {
    this.#tell('programDone', this.#client.call('programDone', { id, ok, message }));
  }

  alarm(alarm: Alarm): void {
    const key = `${alarm.object} ${alarm.cause}`;
    this.#alarms.delete(key);
    this.#alarms.set(key, alarm);
    const [oldest] = this.#alarms.keys();
    if (this.#alarms.size > ALARMS_MAX && oldest !== undefined) this.#alarms.delete(oldest);
    this.#sendAlarms();
  }

  #sendAlarms(): void {
    if (!this.#client.connected) return;
    for (const [key, alarm] of this.#alarms) {
      void this.#client.call('alarm', { alarm }).then((answer) => {
        if (answer.ok && this.#alarms.get(key) === alarm) this.#alarms.delete(key);
      });
    }
  }

  #tell(method: string, answer: Promise<Result<unknown>>): void {
    void answer.then((result) => {
      if (!result.ok) this.#handlers.onFailed(method, result.code, result.message);
    });
  }

  close(): void {
    clearInterval(this.#retry);
    this.#client.close();
  }
}
