import { type Failure, fail, ok, type Result } from '@softset/base';

/**
 * JSON-RPC 2.0 messages (jsonrpc.org/specification), one in each WebSocket text message.
 * Untrusted text is decoded here, once; nothing in this file throws on input.
 */
export type RpcId = number | string;

export interface RpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RpcId;
  readonly method: string;
  readonly params?: unknown;
}
export interface RpcNotification {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: unknown;
}
export interface RpcSuccess {
  readonly jsonrpc: '2.0';
  readonly id: RpcId;
  readonly result: unknown;
}
/** `data.code` is the stable word that callers match; the number says only which kind of error it is. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly code: string };
}
export interface RpcErrorAnswer {
  readonly jsonrpc: '2.0';
  /** Null where the request's id could not be read (§5). */
  readonly id: RpcId | null;
  readonly error: RpcError;
}
export type RpcAnswer = RpcSuccess | RpcErrorAnswer;

/** §5.1, and −32000 from the range left to servers: a method understood the request and refused it. */
export const rpcErrorNumbers = {
  RPC_PARSE_ERROR: -32700,
  RPC_INVALID_REQUEST: -32600,
  RPC_METHOD_NOT_FOUND: -32601,
  RPC_INVALID_PARAMS: -32602,
  RPC_INTERNAL_ERROR: -32603,
} as const;
export const rpcRefused = -32000;
export type RpcErrorCode = keyof typeof rpcErrorNumbers;

/** A request that cannot be served, and the id under which to say so. */
export interface RpcRefusal extends Failure<'RPC_PARSE_ERROR' | 'RPC_INVALID_REQUEST'> {
  readonly id: RpcId | null;
}

/** Longer ids serve nobody and would be echoed back whole. */
const idLengthMax = 128;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON.parse reads 1e999 as Infinity, which JSON cannot write back. */
function isId(value: unknown): value is RpcId {
  return typeof value === 'string' ? value.length <= idLengthMax : Number.isFinite(value);
}

function parse(text: string): Result<unknown, 'RPC_PARSE_ERROR'> {
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return fail('RPC_PARSE_ERROR', 'the message is not JSON', error);
  }
}

/** What a server receives. Errors: `RPC_PARSE_ERROR`, `RPC_INVALID_REQUEST`, each with the id to answer under. */
export function decodeRequest(text: string): { ok: true; value: RpcRequest | RpcNotification } | RpcRefusal {
  const parsed = parse(text);
  if (!parsed.ok) return { ...parsed, id: null };
  return decodeRequestValue(parsed.value);
}

export function decodeRequestValue(value: unknown): { ok: true; value: RpcRequest | RpcNotification } | RpcRefusal {
  const refuse = (message: string, id: RpcId | null = null): RpcRefusal => ({
    ...fail('RPC_INVALID_REQUEST', message),
    id,
  });
  if (Array.isArray(value)) return refuse('batches are not supported: send each request in a message of its own');
  if (!isRecord(value)) return refuse('a request is an object');
  const id = isId(value.id) ? value.id : null;
  if (value.jsonrpc !== '2.0') return refuse('"jsonrpc" must be "2.0"', id);
  const { method, params } = value;
  if (typeof method !== 'string' || method === '') return refuse('"method" must be a name', id);
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return refuse('"params" must be an object or an array', id); // §4.2
  }
  const body = params === undefined ? { method } : { method, params };
  if (value.id === undefined) return ok({ jsonrpc: '2.0', ...body });
  if (id === null) return refuse(`"id" must be a finite number or a string of at most ${idLengthMax} characters`);
  return ok({ jsonrpc: '2.0', id, ...body });
}

/** What a client receives: answers to its requests, and notifications. Errors: `RPC_PARSE_ERROR`, `RPC_INVALID_ANSWER`. */
export function decodeAnswer(
  text: string,
): Result<RpcAnswer | RpcNotification, 'RPC_PARSE_ERROR' | 'RPC_INVALID_ANSWER'> {
  const parsed = parse(text);
  if (!parsed.ok) return parsed;
  const value = parsed.value;
  if (!isRecord(value) || value.jsonrpc !== '2.0') return fail('RPC_INVALID_ANSWER', 'not a JSON-RPC 2.0 message');
  const { id, method, params, error } = value;
  if (typeof method === 'string' && id === undefined) {
    return ok(params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params });
  }
  if (isRecord(error)) {
    const { code, message, data } = error;
    if ((id !== null && !isId(id)) || typeof code !== 'number' || typeof message !== 'string') {
      return fail('RPC_INVALID_ANSWER', 'an error answer needs an id, a number and a message');
    }
    const word = isRecord(data) && typeof data.code === 'string' ? { data: { code: data.code } } : {};
    return ok({ jsonrpc: '2.0', id, error: { code, message, ...word } });
  }
  if (!isId(id) || !('result' in value)) return fail('RPC_INVALID_ANSWER', 'neither an answer nor a notification');
  return ok({ jsonrpc: '2.0', id, result: value.result });
}

/** A method without a result answers null: JSON has no undefined, and §5 wants the field there. */
export function encodeSuccess(id: RpcId, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result) ?? 'null'}}`;
}

/** Codes of this file get their own number; every other code is a method's refusal. */
export function encodeFailure(id: RpcId | null, failure: Failure): string {
  const numbers: Readonly<Record<string, number>> = rpcErrorNumbers;
  const number = Object.hasOwn(numbers, failure.code) ? numbers[failure.code] : rpcRefused;
  const error = { code: number, message: failure.message, data: { code: failure.code } };
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

/** The failure that an error answer stands for; an answer without a word gets one from its number. */
export function failureOf(error: RpcError): Failure {
  const byNumber = Object.entries(rpcErrorNumbers).find(([, number]) => number === error.code)?.[0];
  return fail(error.data?.code ?? byNumber ?? 'RPC_ERROR', error.message);
}
