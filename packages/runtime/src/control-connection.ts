import { type Failure, fail, InvariantError } from '@softset/base';
import {
  decodeSubscribeParams,
  decodeUnsubscribeParams,
  type Envelope,
  type SubscribeResult,
  subscribeMethod,
  subscriptionNotification,
  unsubscribeMethod,
} from '@softset/protocol/control.js';
import {
  decodeRequest,
  encodeFailure,
  encodeSuccess,
  type RpcId,
  type RpcRequest,
} from '@softset/protocol/json-rpc.js';
import type { RawData, WebSocket } from 'ws';
import type { Authorize, Caller, ControlRecord, Handled, MethodDefinition } from './control-methods.js';
import { type AnyTopic, ControlSubscription } from './control-subscription.js';
import { nowMs } from './now-ms.js';

export interface ControlLimits {
  /** Bytes that may wait for a client before its requests are left unread and its subscriptions lag (1 MiB). */
  readonly outboundBytesMax: number;
  /** Requests of one connection under way at once (256). */
  readonly requestsMax: number;
  /** Subscriptions of one connection (64). */
  readonly subscriptionsMax: number;
}
export const defaultLimits: ControlLimits = {
  outboundBytesMax: 1024 * 1024,
  requestsMax: 256,
  subscriptionsMax: 64,
};

/** A client for whom this many times the limit waits reads nothing at all: it is cut off. */
const cutOffFactor = 16;

/** Handlers are stored whatever they take: decode and handle of one entry fit one another. */
export type AnyMethod = MethodDefinition<never, unknown>;

export interface ControlHouse {
  readonly methods: ReadonlyMap<string, AnyMethod>;
  readonly topics: ReadonlyMap<string, AnyTopic>;
  readonly authorize: Authorize;
  readonly journal: (record: ControlRecord) => void;
  /** A handler threw: a bug. */
  readonly onError: (error: unknown, method: string) => void;
  readonly limits: ControlLimits;
  /** Numbers requests across connections. */
  readonly nextRequest: () => number;
}

/** One client: reads requests, answers each exactly once, carries its subscriptions. */
export class ControlConnection {
  readonly #ws: WebSocket;
  readonly #caller: Caller;
  readonly #house: ControlHouse;
  readonly #subscriptions = new Map<number, ControlSubscription>();
  #lastSubscription = 0;
  #underWay = 0;
  #congested = false;

  constructor(ws: WebSocket, caller: Caller, house: ControlHouse) {
    this.#ws = ws;
    this.#caller = caller;
    this.#house = house;
    ws.on('message', (data, isBinary) => this.#receive(data, isBinary));
    ws.on('error', () => {}); // Oversized and malformed frames: ws answers with a close code, and 'close' follows.
    ws.on('close', () => {
      for (const subscription of this.#subscriptions.values()) subscription.stop();
      this.#subscriptions.clear();
    });
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#send(encodeFailure(null, fail('RPC_PARSE_ERROR', 'requests are text messages')));
      return;
    }
    const request = decodeRequest(data.toString());
    if (!request.ok) {
      this.#send(encodeFailure(request.id, request));
      return;
    }
    // A notification asks for no answer, and no method here is of use without one.
    if (!('id' in request.value)) return;
    const { id } = request.value;
    if (this.#underWay >= this.#house.limits.requestsMax) {
      this.#send(encodeFailure(id, fail('TOO_MANY_REQUESTS', 'wait for answers before asking more')));
      return;
    }
    this.#serve(request.value);
  }

  #serve(request: RpcRequest): void {
    if (request.method === subscribeMethod) {
      this.#subscribe(request);
      return;
    }
    if (request.method === unsubscribeMethod) {
      this.#unsubscribe(request);
      return;
    }
    const method = this.#house.methods.get(request.method);
    if (method === undefined) {
      this.#answer(request.id, fail('RPC_METHOD_NOT_FOUND', `no method "${request.method}"`));
      return;
    }
    this.#call(request, method);
  }

  #call({ id, method: name, params }: RpcRequest, method: AnyMethod): void {
    const askedMs = nowMs();
    const request = this.#house.nextRequest();
    const mutation = method.mutation ?? false;
    const caller = this.#caller;
    const finish = (result: unknown): void => {
      if (mutation) {
        const code = isFailure(result) ? result.code : 'OK';
        this.#house.journal({ phase: 'answered', request, method: name, caller, code, durationMs: nowMs() - askedMs });
      }
      this.#answer(id, result);
    };
    const allowed = this.#house.authorize(caller, { kind: 'call', method: name, mutation });
    if (!allowed.ok) {
      finish(allowed);
      return;
    }
    const decoded = method.decode(params);
    if (!decoded.ok) {
      finish(fail('RPC_INVALID_PARAMS', decoded.message));
      return;
    }
    if (mutation) this.#house.journal({ phase: 'asked', request, method: name, params, caller });
    const broken = (error: unknown): void => {
      finish(fail('RPC_INTERNAL_ERROR', `${name} failed inside the daemon; its log says why`));
      this.#house.onError(error, name);
      // A broken invariant is the whole daemon's affair: it goes the way of uncaught errors, once the answer is out.
      if (error instanceof InvariantError) {
        setImmediate(() => {
          throw error;
        });
      }
    };
    let result: Handled<unknown>;
    try {
      result = method.handle(decoded.value, caller);
    } catch (error) {
      broken(error);
      return;
    }
    if (!(result instanceof Promise)) {
      finish(result);
      return;
    }
    this.#underWay++;
    result.then(finish, broken).finally(() => this.#underWay--);
  }

  #subscribe({ id, params }: RpcRequest): void {
    const decoded = decodeSubscribeParams(params);
    if (!decoded.ok) {
      this.#answer(id, decoded);
      return;
    }
    const { topic: name, after, filter } = decoded.value;
    const topic = this.#house.topics.get(name);
    if (topic === undefined) {
      this.#answer(id, fail('TOPIC_UNKNOWN', `no topic "${name}"`));
      return;
    }
    const allowed = this.#house.authorize(this.#caller, { kind: 'subscribe', topic: name });
    if (!allowed.ok) {
      this.#answer(id, allowed);
      return;
    }
    if (this.#subscriptions.size >= this.#house.limits.subscriptionsMax) {
      this.#answer(id, fail('TOO_MANY_SUBSCRIPTIONS', 'unsubscribe before subscribing to more'));
      return;
    }
    const view = topic.view(filter);
    if (!view.ok) {
      this.#answer(id, view);
      return;
    }
    const number = ++this.#lastSubscription;
    const connection = this;
    const subscription = new ControlSubscription(number, topic, view.value, {
      send: (envelope) => this.#notify(envelope),
      get congested() {
        return connection.#congested;
      },
    });
    this.#subscriptions.set(number, subscription);
    this.#answer(id, { subscription: number, origin: topic.origin } satisfies SubscribeResult);
    subscription.start(after);
  }

  #unsubscribe({ id, params }: RpcRequest): void {
    const decoded = decodeUnsubscribeParams(params);
    if (!decoded.ok) {
      this.#answer(id, decoded);
      return;
    }
    const { subscription } = decoded.value;
    this.#subscriptions.get(subscription)?.stop();
    const known = this.#subscriptions.delete(subscription);
    this.#answer(id, known ? {} : fail('SUBSCRIPTION_UNKNOWN', `no subscription ${subscription} here`));
  }

  #answer(id: RpcId, result: unknown): void {
    if (isFailure(result)) {
      this.#send(encodeFailure(id, result));
      return;
    }
    let text: string;
    try {
      text = encodeSuccess(id, result);
    } catch (error) {
      // A circle or a big integer in a result: a bug of the handler, and still an answer is owed.
      this.#house.onError(error, 'encode');
      text = encodeFailure(id, fail('RPC_INTERNAL_ERROR', 'the result cannot be written as JSON'));
    }
    this.#send(text);
  }

  #notify(envelope: Envelope): void {
    this.#send(JSON.stringify({ jsonrpc: '2.0', method: subscriptionNotification, params: envelope }));
  }

  #send(text: string): void {
    const ws = this.#ws;
    if (ws.readyState !== ws.OPEN) return;
    ws.send(text, () => this.#drain());
    const { outboundBytesMax } = this.#house.limits;
    if (ws.bufferedAmount > outboundBytesMax * cutOffFactor) {
      ws.terminate();
      return;
    }
    if (ws.bufferedAmount <= outboundBytesMax || this.#congested) return;
    this.#congested = true;
    ws.pause(); // Whoever does not read answers should not ask more.
  }

  #drain(): void {
    if (!this.#congested || this.#ws.bufferedAmount > 0 || this.#ws.readyState !== this.#ws.OPEN) return;
    this.#congested = false;
    this.#ws.resume();
    for (const subscription of this.#subscriptions.values()) subscription.drained();
  }
}

function isFailure(result: unknown): result is Failure {
  if (typeof result !== 'object' || result === null) return false;
  const { ok, code, message } = result as { ok?: unknown; code?: unknown; message?: unknown };
  return ok === false && typeof code === 'string' && typeof message === 'string';
}
