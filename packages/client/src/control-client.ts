import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fail, ok, type Result } from '@softset/base';
import type { ChangeOf, Methods, SnapshotOf } from '@softset/protocol/control.js';
import { subscriptionNotification } from '@softset/protocol/control.js';
import { decodeAnswer, failureOf, type RpcId } from '@softset/protocol/json-rpc.js';
import { WebSocket } from 'ws';
import { ClientSubscription, type SubscriptionHandlers } from './client-subscription.js';

/** Snapshots are whole states: far above any real one, and still a bound. */
const messageBytesMax = 32 * 1024 * 1024;
const callsMax = 1_024;
const callTimeoutMs = 5_000;

export interface ControlClientOptions {
  /** What the daemon's journal calls this client, beside its pid and user: up to 64 of `A-Za-z0-9_.:@-`. */
  readonly name: string;
  /** Pauses between attempts (default 5 ms doubling to 500 ms, without end); `none` for one attempt only. */
  readonly retry?: { readonly minMs: number; readonly maxMs: number } | 'none';
  /** How a pause is waited for (default: setTimeout), returning what ends it: for who would not be woken for that alone. */
  readonly later?: (act: () => void, afterMs: number) => () => void;
  readonly onUp?: () => void;
  readonly onDown?: () => void;
}

export interface CallOptions {
  /** Default 5,000 ms. */
  readonly timeoutMs?: number;
}

export interface SubscribeOptions {
  /** Which changes to send: the topic says what it takes. */
  readonly filter?: unknown;
  /** Changes were left out because this client read too slowly; a snapshot follows. */
  readonly onLagged?: () => void;
  /** The daemon refuses the subscription. It is asked for again after each reconnection. */
  readonly onRefused?: (failure: { readonly code: string; readonly message: string }) => void;
}

export interface Subscription {
  close(): void;
}

export interface ControlClient<M extends Methods<M>, T> {
  readonly connected: boolean;
  /** Resolves when connected. Errors: `TIMEOUT`; `NOT_CONNECTED` after `close`, or where nothing is retried. */
  ready(timeoutMs?: number): Promise<Result<void>>;
  /**
   * Errors: whatever the daemon's method fails with; `RPC_…` where the request itself is refused; `NOT_CONNECTED` where
   * it was not sent; `CONNECTION_LOST` and `TIMEOUT` where it was, and may have been carried out.
   */
  call<K extends keyof M & string>(
    method: K,
    params: M[K]['params'],
    options?: CallOptions,
  ): Promise<Result<M[K]['result']>>;
  /**
   * A snapshot, then every change in order; after a reconnection what was missed, or a new snapshot. Handlers are called
   * in the order of sequence, and a gap is never passed over.
   */
  subscribe<K extends keyof T & string>(
    topic: K,
    onSnapshot: (snapshot: SnapshotOf<T[K]>, sequence: number) => void,
    onChange: (change: ChangeOf<T[K]>, sequence: number) => void,
    options?: SubscribeOptions,
  ): Subscription;
  /** Open calls fail with `CONNECTION_LOST`; nothing is called any more. */
  close(): void;
}

interface OpenCall {
  readonly settle: (result: Result<unknown>) => void;
}

function pause(act: () => void, afterMs: number): () => void {
  const timer = setTimeout(act, afterMs);
  return () => clearTimeout(timer);
}

/**
 * Connects to a daemon's control socket and stays connected. Types come from the tables; what a daemon of another version
 * answers is not checked against them.
 */
export function connectControl<M extends Methods<M>, T = Record<never, never>>(
  socketPath: string,
  options: ControlClientOptions,
): ControlClient<M, T> {
  const retry = options.retry ?? { minMs: 5, maxMs: 500 };
  const calls = new Map<RpcId, OpenCall>();
  const subscriptions = new Set<ClientSubscription>();
  const waiting = new Set<(result: Result<void>) => void>();
  let pauseMs = retry === 'none' ? 0 : retry.minMs;
  let ws: WebSocket | undefined;
  const later = options.later ?? pause;
  let endPause: (() => void) | undefined;
  let state: 'trying' | 'up' | 'ended' = 'trying';
  let lastId = 0;

  const unreachable = () => fail('NOT_CONNECTED', `no daemon answers on ${socketPath}`);

  const request = (method: string, params: unknown, timeoutMs: number): Promise<Result<unknown>> => {
    const socket = ws;
    if (socket === undefined || state !== 'up') return Promise.resolve(unreachable());
    if (calls.size >= callsMax) return Promise.resolve(fail('TOO_MANY_CALLS', `${callsMax} calls wait for answers`));
    const id = ++lastId;
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        calls.delete(id);
        resolve(fail('TIMEOUT', `${method} was not answered within ${timeoutMs} ms; it may have been carried out`));
      }, timeoutMs);
      calls.set(id, {
        settle: (result) => {
          clearTimeout(late);
          calls.delete(id);
          resolve(result);
        },
      });
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }), (error) => {
        if (error) calls.get(id)?.settle(fail('CONNECTION_LOST', `${method}: ${error.message}`, error));
      });
    });
  };

  const receive = (text: string): void => {
    const message = decodeAnswer(text);
    if (!message.ok) {
      ws?.terminate(); // Not a daemon of ours, or a broken one: begin afresh.
      return;
    }
    const answer = message.value;
    if ('method' in answer) {
      if (answer.method !== subscriptionNotification) return;
      for (const subscription of subscriptions) subscription.receive(answer.params);
    } else if (answer.id !== null) {
      // An answer to a call that timed out finds nobody.
      calls.get(answer.id)?.settle('error' in answer ? failureOf(answer.error) : ok(answer.result));
    }
  };

  const down = (): void => {
    const wasUp = state === 'up';
    if (state !== 'ended') state = 'trying';
    for (const call of [...calls.values()]) {
      call.settle(
        fail('CONNECTION_LOST', 'the connection ended before the answer; the call may have been carried out'),
      );
    }
    for (const subscription of subscriptions) subscription.disconnected();
    if (wasUp && state !== 'ended') options.onDown?.();
    if (state === 'ended') return;
    if (retry === 'none') {
      end();
      return;
    }
    endPause = later(open, pauseMs);
    pauseMs = Math.min(pauseMs * 2, retry.maxMs);
  };

  const open = (): void => {
    // To look costs a hundredth of an attempt, and a daemon may be away for as long as we run.
    if (retry !== 'none' && !existsSync(socketPath)) {
      endPause = later(open, pauseMs);
      pauseMs = Math.min(pauseMs * 2, retry.maxMs);
      return;
    }
    const socket = new WebSocket('ws://localhost/', {
      // ws reads `ws+unix:` addresses up to a colon, which a path may contain.
      createConnection: () => connect(socketPath),
      perMessageDeflate: false,
      maxPayload: messageBytesMax,
      headers: { 'x-softset-name': options.name },
      handshakeTimeout: callTimeoutMs,
    });
    ws = socket;
    socket.on('open', () => {
      state = 'up';
      pauseMs = retry === 'none' ? 0 : retry.minMs;
      options.onUp?.();
      for (const subscription of subscriptions) subscription.connected();
      for (const resolve of [...waiting]) resolve(ok(undefined));
    });
    socket.on('message', (data) => {
      if (state === 'up') receive(data.toString());
    });
    socket.on('error', () => {}); // 'close' follows.
    socket.on('close', down);
  };

  const end = (): void => {
    state = 'ended';
    endPause?.();
    ws?.terminate();
    for (const call of [...calls.values()]) call.settle(fail('CONNECTION_LOST', 'the client was closed'));
    for (const resolve of [...waiting]) resolve(unreachable());
  };

  open();
  return {
    get connected() {
      return state === 'up';
    },
    ready: (timeoutMs = callTimeoutMs) => {
      if (state === 'up') return Promise.resolve(ok(undefined));
      if (state === 'ended') return Promise.resolve(unreachable());
      return new Promise((resolve) => {
        const settle = (result: Result<void>): void => {
          clearTimeout(late);
          waiting.delete(settle);
          resolve(result);
        };
        const late = setTimeout(() => {
          settle(fail('TIMEOUT', `no daemon answered on ${socketPath} within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.add(settle);
      });
    },
    call: <K extends keyof M & string>(
      method: K,
      params: M[K]['params'],
      { timeoutMs = callTimeoutMs }: CallOptions = {},
    ) => request(method, params, timeoutMs) as Promise<Result<M[K]['result']>>,
    subscribe: (topic, onSnapshot, onChange, subscribeOptions = {}) => {
      // From here on the tables' types stand for what the daemon sends.
      const handlers = { onSnapshot, onChange, ...subscribeOptions } as SubscriptionHandlers;
      const subscription = new ClientSubscription(topic, subscribeOptions.filter, handlers, (method, params) =>
        request(method, params, callTimeoutMs),
      );
      subscriptions.add(subscription);
      if (state === 'up') subscription.connected();
      return {
        close: () => {
          subscriptions.delete(subscription);
          subscription.close();
        },
      };
    },
    close: end,
  };
}
