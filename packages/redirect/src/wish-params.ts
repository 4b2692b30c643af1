import { fail, ok, type Result } from '@softset/base';
import type { OperatorWish, RedirectMethods } from '@softset/protocol';

/** Which names each kind of wish needs. */
const FIELDS: Readonly<Record<OperatorWish['kind'], readonly string[]>> = {
  move: ['service'],
  pin: ['service', 'board'],
  unpin: ['service'],
  drain: ['board'],
  maintenance: ['board'],
  standby: ['board'],
  activate: ['board'],
  prefer: ['network'],
  leave: ['board'],
  return: ['board'],
};

/** `fields` are required, `optional` may be there: all are names, and nothing else is taken. */
export function named<T>(params: unknown, fields: readonly string[], optional: readonly string[] = []): Result<T> {
  const given = (params ?? {}) as Record<string, unknown>;
  const known = [...fields, ...optional];
  const extra = Object.keys(given).find((field) => !known.includes(field));
  if (extra !== undefined)
    return fail('RPC_INVALID_PARAMS', `${extra}: unknown field; ${known.join(' and ')} are known`);
  const missing = fields.find((field) => typeof given[field] !== 'string');
  if (missing !== undefined) return fail('RPC_INVALID_PARAMS', `${missing}: the name of a ${missing} is required`);
  const odd = optional.find((field) => field in given && typeof given[field] !== 'string');
  return odd === undefined ? ok(given as T) : fail('RPC_INVALID_PARAMS', `${odd}: must be a name`);
}

export function decodeMove(params: unknown): Result<RedirectMethods['move']['params']> {
  return named(params, ['service'], ['board']);
}

export function decodeWish(params: unknown): Result<OperatorWish> {
  const { kind } = (params ?? {}) as { kind?: unknown };
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind))
    return fail('RPC_INVALID_PARAMS', `kind: must be one of ${Object.keys(FIELDS).join(', ')}`);
  return named(params, ['kind', ...FIELDS[kind as OperatorWish['kind']]], kind === 'move' ? ['board'] : []);
}

export function decodeChange(params: unknown): Result<RedirectMethods['change']['params']> {
  const wish = decodeWish(params);
  if (!wish.ok) return wish;
  return wish.value.kind === 'move' ? fail('RPC_INVALID_PARAMS', 'kind: move is a method of its own') : ok(wish.value);
}
