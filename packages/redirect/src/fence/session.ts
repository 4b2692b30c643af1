import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { fail, ok, type Result } from '@softset/base';
import type { SnmpAgent } from '@softset/protocol';
import { errnoFailure } from '@softset/runtime/errno.js';
import snmp from 'net-snmp';
import type { AgentSession } from './ports.js';

const AUTH = {
  sha512: snmp.AuthProtocols.sha512,
  sha256: snmp.AuthProtocols.sha256,
  sha: snmp.AuthProtocols.sha,
  md5: snmp.AuthProtocols.md5,
} as const;
const PRIVACY = { aes: snmp.PrivProtocols.aes, des: snmp.PrivProtocols.des } as const;
/** The largest chassis switch has some 10,000 interfaces; a liar's walk has no end. */
const ROWS_MAX = 16_384;
const WALK_REPETITIONS = 25;
/** sysUpTime.0: whether it answers by that address at all. */
const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0';

/**
 * Opens a session with a switch's agent by the first of its addresses that answers. Errors: errno's names and
 * `SECRET_EXPOSED` (its secrets), `AGENT_SILENT`, `AGENT_REFUSED`.
 */
export async function openSession(agent: SnmpAgent, beside: (file: string) => string): Promise<Result<AgentSession>> {
  const lines = secretLines(beside(agent.communityFile ?? agent.passwordFile ?? ''));
  if (!lines.ok) return lines;
  let last: Result<never> = fail('AGENT_SILENT', `${agent.name} has no address`);
  for (const address of agent.addresses) {
    const session = wrap(sessionOf(agent, address, lines.value));
    const answer = await session.get([SYS_UP_TIME]);
    if (answer.ok) return ok(session);
    session.close();
    last = fail(answer.code, `${agent.name} at ${address}: ${answer.message}`);
  }
  return last;
}

function sessionOf(agent: SnmpAgent, address: string, [first = '', second = first]: readonly string[]): snmp.Session {
  const transport = address.includes(':') ? ('udp6' as const) : ('udp4' as const);
  const options = { port: agent.port, retries: 1, backoff: 1, timeout: agent.timeoutMs, transport };
  if (agent.communityFile !== undefined)
    return snmp.createSession(address, first, { ...options, version: snmp.Version2c });
  const auth = { name: agent.user ?? '', authProtocol: AUTH[agent.auth], authKey: first };
  const user =
    agent.level === 'authNoPriv'
      ? { ...auth, level: snmp.SecurityLevel.authNoPriv }
      : { ...auth, level: snmp.SecurityLevel.authPriv, privProtocol: PRIVACY[agent.privacy], privKey: second };
  return snmp.createV3Session(address, user, { ...options, version: snmp.Version3 });
}

/** The community, or the passphrases, of a file that only its owner may read. */
function secretLines(path: string): Result<readonly string[]> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    // Of the open file, not of the path: what is checked is what is read.
    if ((fstatSync(fd).mode & 0o077) !== 0) return fail('SECRET_EXPOSED', `${path}: run chmod 0600 ${path}`);
    return ok(readFileSync(fd, 'latin1').trimEnd().split('\n'));
  } catch (error) {
    return errnoFailure(error, `read ${path}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function wrap(session: snmp.Session): AgentSession {
  // What is no SNMP at all is dropped; the question then runs into its time-out.
  session.on('error', () => {});
  return {
    get: (oids) =>
      new Promise((settle) => {
        session.get([...oids], (error, varbinds) => settle(error ? failed(error) : ok(valuesOf(varbinds ?? [], ''))));
      }),
    walk: (column) =>
      new Promise((settle) => {
        const rows: snmp.Varbind[] = [];
        const feed = (varbinds: snmp.Varbind[]): boolean => {
          rows.push(...varbinds);
          return rows.length >= ROWS_MAX;
        };
        session.subtree(column, WALK_REPETITIONS, feed as snmp.FeedCallback, (error) =>
          settle(error ? failed(error) : ok(valuesOf(rows, `${column}.`))),
        );
      }),
    setInteger: (oid, value) =>
      new Promise((settle) => {
        session.set([{ oid, type: snmp.ObjectType.Integer, value }], (error) =>
          settle(error ? failed(error) : ok(undefined)),
        );
      }),
    read: (oid) =>
      new Promise((settle) => {
        session.get([oid], (error, varbinds) => settle(error ? failed(error) : variableOf(varbinds?.[0])));
      }),
    write: (oid, type, value) =>
      new Promise((settle) => {
        session.set([{ oid, type, value }], (error) => settle(error ? failed(error) : ok(undefined)));
      }),
    close: () => session.close(),
  };
}

function variableOf(varbind: snmp.Varbind | undefined): Result<{ type: number; value: number | string }> {
  if (varbind === undefined || snmp.isVarbindError(varbind))
    return fail('OBJECT_UNKNOWN', `the agent has no ${varbind?.oid ?? 'such variable'}`);
  const { type = 0, value } = varbind;
  const plain = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  return ok({ type, value: typeof plain === 'number' ? plain : String(plain) });
}

/** From the wire: whatever the other side says, what is kept is a number or a text. */
function valuesOf(varbinds: readonly snmp.Varbind[], before: string): Map<string, number | string> {
  const values = new Map<string, number | string>();
  for (const { oid, value } of varbinds) {
    if (!oid.startsWith(before)) continue;
    if (typeof value === 'number') values.set(oid.slice(before.length), value);
    if (value instanceof Uint8Array) values.set(oid.slice(before.length), Buffer.from(value).toString('latin1'));
  }
  return values;
}

function failed(error: Error): Result<never> {
  if (error.name === 'RequestTimedOutError') return fail('AGENT_SILENT', 'no answer in time');
  return fail('AGENT_REFUSED', error.message.slice(0, 200), error);
}
