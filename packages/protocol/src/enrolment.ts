import { fail, ok, type Result } from '@softset/base';

/**
 * What a new board and the control node say to one another, once the channel between them is sealed (ADR 0023). Each
 * message is one JSON object. The decoders are total: what the other side says is not trusted.
 */

/** Where the control node listens, unless the cluster file says otherwise. */
export const ENROL_PORT = 7420;
/** One message, bytes: a cluster file with its rules fits many times. */
export const ENROL_MESSAGE_MAX = 1024 * 1024;

/** From the new board. */
export type JoinMessage =
  /** Its software's version, and what it calls itself: a claim, good for people only. */
  | { readonly kind: 'ask'; readonly version: string; readonly host: string }
  /** It has all, and was tested: the codes of what softset doctor calls a fault. */
  | { readonly kind: 'tested'; readonly faults: readonly string[] };

export interface EnrolledFile {
  /** Relative to the folder of the cluster file, without `..`. */
  readonly name: string;
  readonly secret: boolean;
  readonly text: string;
}

/** From the control node. */
export type ControlMessage =
  /** An operator has to approve it: both sides show the code of this channel. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'granted'; readonly board: string; readonly files: readonly EnrolledFile[] }
  | { readonly kind: 'done' };

/** Who asked to join, as operators see it. */
export interface EnrolRequest {
  /** Both sides show it; who approves types what the board shows. */
  readonly code: string;
  readonly state: 'locating' | 'waiting' | 'granted' | 'joined' | 'standby';
  /** `SWITCH/PORT`, as the switches say. */
  readonly place?: string;
  /** The board that belongs there. */
  readonly board?: string;
  readonly mac: string;
  readonly address: string;
  readonly version: string;
  readonly host: string;
  readonly sinceMs: number;
}

export interface EnrolToken {
  readonly id: string;
  readonly place: string;
  readonly untilMs: number;
  /** Wall time, and by which MAC. */
  readonly used?: { readonly atMs: number; readonly mac: string };
}

const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max;
/** Ends up on terminals. */
export const plain = (text: string): string => text.replaceAll(/[^ -~]/g, '?');

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Error: `MESSAGE_INVALID`. */
export function decodeJoinMessage(text: string): Result<JoinMessage, 'MESSAGE_INVALID'> {
  const { kind, version, host, faults } = objectIn(text) ?? {};
  if (kind === 'ask' && isText(version, 32) && isText(host, 64))
    return ok({ kind, version: plain(version), host: plain(host) });
  if (kind === 'tested' && Array.isArray(faults) && faults.length <= 64 && faults.every((one) => isText(one, 64)))
    return ok({ kind, faults: (faults as string[]).map(plain) });
  return fail('MESSAGE_INVALID', 'this is no message of a board that wants to join');
}

/** Error: `MESSAGE_INVALID`. A file name that would leave the folder is invalid, whoever says it. */
export function decodeControlMessage(text: string): Result<ControlMessage, 'MESSAGE_INVALID'> {
  const { kind, code, message, board, files } = objectIn(text) ?? {};
  if (kind === 'waiting' || kind === 'done') return ok({ kind });
  if (kind === 'refused' && isText(code, 64) && isText(message, 1024))
    return ok({ kind, code: plain(code), message: plain(message) });
  if (kind === 'granted' && isText(board, 32) && /^[a-z][a-z0-9-]*$/.test(board) && Array.isArray(files)) {
    const read = files.slice(0, 64).map(fileIn);
    const good = read.filter((one) => one !== undefined);
    if (files.length <= 64 && good.length === files.length) return ok({ kind, board, files: good });
  }
  return fail('MESSAGE_INVALID', 'this is no message of a control node');
}

function fileIn(value: unknown): EnrolledFile | undefined {
  const { name, secret, text } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (!isText(name, 128) || !inFolder(name) || typeof secret !== 'boolean' || !isText(text, ENROL_MESSAGE_MAX))
    return undefined;
  return { name, secret, text };
}

/** A relative path of plain names, that stays below the folder. */
export function inFolder(name: string): boolean {
  return name.split('/').every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part));
}

/** A token as it is handed to people: `ID.SECRET`. */
export function parseToken(text: string): Result<{ readonly id: string; readonly secret: string }, 'TOKEN_MALFORMED'> {
  const [, id, secret] = /^([0-9a-f]{8})\.([0-9a-f]{32})$/.exec(text.trim()) ?? [];
  if (id === undefined || secret === undefined)
    return fail('TOKEN_MALFORMED', 'a token is 8 and 32 hexadecimal digits, with a dot between them');
  return ok({ id, secret });
}

/** Beats, registers and configuration are the same within one minor version. */
export function sameRelease(a: string, b: string): boolean {
  const release = (text: string): string | undefined => /^(\d+\.\d+)\.\d+/.exec(text)?.[1];
  return release(a) !== undefined && release(a) === release(b);
}
