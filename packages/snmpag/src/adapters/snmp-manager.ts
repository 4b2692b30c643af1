import { fail, ok, type Result } from '@softset/base';
import type { SnmpAgent } from '@softset/protocol';
import snmp from 'net-snmp';
import type { Value, Varbind } from '../core/agentx/value.js';
import { formatOid, parseOid } from '../core/oid.js';
import type { Ask } from '../core/relay/question.js';

/** What the agent answered: varbinds, or SNMP's own error with the place of the varbind that it is about. */
export type Said =
  | { readonly kind: 'varbinds'; readonly varbinds: readonly Varbind[] }
  | { readonly kind: 'error'; readonly status: number; readonly index: number };

/** What it takes to speak to an agent. */
export interface AgentSecrets {
  readonly community?: string;
  readonly passphrases?: readonly [auth: string, privacy: string];
}

/**
 * Manager of one agent at one address. Errors: `AGENT_SILENT` (nothing came in time), `AGENT_UNREADABLE` (what came is
 * no answer: another key, another version, or nothing that SNMP knows), `AGENT_ODD` (an answer with a value that is none).
 */
export class SnmpManager {
  readonly #open: () => snmp.Session;
  #session: snmp.Session | undefined;

  constructor(agent: SnmpAgent, address: string, secrets: AgentSecrets) {
    const options = {
      port: agent.port,
      retries: 0,
      timeout: agent.timeoutMs,
      transport: address.includes(':') ? ('udp6' as const) : ('udp4' as const),
      // A GETNEXT that goes back is found by the relay itself, which then says who it was.
      backwardsGetNexts: true,
    };
    this.#open = () => {
      const session =
        secrets.passphrases === undefined
          ? snmp.createSession(address, secrets.community ?? '', { ...options, version: snmp.Version2c })
          : snmp.createV3Session(address, userOf(agent, secrets.passphrases), { ...options, version: snmp.Version3 });
      // What is no SNMP at all is dropped; the question then runs into its time-out.
      session.on('error', () => {});
      return session;
    };
  }

  ask(ask: Ask): Promise<Result<Said>> {
    this.#session ??= this.#open();
    const session = this.#session;
    return new Promise((settle) => {
      const answered = (error: Error | null | undefined, varbinds: readonly snmp.Varbind[] = []): void => {
        if (error) {
          const failure = failed(error, ask);
          // After a restart the engine's clock is another: discovery begins anew with the next question.
          if (!failure.ok && session === this.#session) this.close();
          settle(failure);
          return;
        }
        const read = varbinds.map(varbindOf);
        const good = read.filter((one) => one !== undefined);
        if (good.length < read.length) settle(fail('AGENT_ODD', 'a value that SNMP does not have'));
        else settle(ok({ kind: 'varbinds', varbinds: good }));
      };
      try {
        this.#send(session, ask, answered);
      } catch (error) {
        settle(fail('AGENT_UNREADABLE', (error as Error).message.slice(0, 100), error));
      }
    });
  }

  #send(session: snmp.Session, ask: Ask, answered: (error: Error | null, varbinds?: readonly snmp.Varbind[]) => void) {
    switch (ask.kind) {
      case 'get':
        session.get(ask.oids.map(formatOid), answered as never);
        return;
      case 'get-next':
        session.getNext(ask.oids.map(formatOid), answered as never);
        return;
      case 'get-bulk': {
        const { oids, nonRepeaters, maxRepetitions } = ask;
        const flat = (error: Error | null, columns: readonly (snmp.Varbind | snmp.Varbind[])[] = []): void =>
          answered(error, inRounds(columns));
        session.getBulk(oids.map(formatOid), nonRepeaters, maxRepetitions, flat as never);
        return;
      }
      case 'set':
        session.set(ask.varbinds.map(asked) as snmp.Varbind[], answered as never);
    }
  }

  /** Questions under way are not answered any more: whoever asks has a limit of his own. */
  close(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.close();
  }
}

/** The package gives each repeater's rows together; on the wire they come round by round (RFC 3416 §4.2.3). */
function inRounds(columns: readonly (snmp.Varbind | snmp.Varbind[])[]): snmp.Varbind[] {
  const singles = columns.filter((one): one is snmp.Varbind => !Array.isArray(one));
  const repeated = columns.filter((one): one is snmp.Varbind[] => Array.isArray(one));
  const rounds = Math.max(0, ...repeated.map((rows) => rows.length));
  const all = [...singles];
  for (let round = 0; round < rounds; round++) {
    for (const rows of repeated) {
      const row = rows[round];
      if (row === undefined) return all;
      all.push(row);
    }
  }
  return all;
}

const AUTH = {
  sha512: snmp.AuthProtocols.sha512,
  sha256: snmp.AuthProtocols.sha256,
  sha: snmp.AuthProtocols.sha,
  md5: snmp.AuthProtocols.md5,
} as const;
const PRIVACY = { aes: snmp.PrivProtocols.aes, des: snmp.PrivProtocols.des } as const;

function userOf(agent: SnmpAgent, [authKey, privKey]: readonly [string, string]): snmp.User {
  const auth = { name: agent.user ?? '', authProtocol: AUTH[agent.auth], authKey };
  if (agent.level === 'authNoPriv') return { ...auth, level: snmp.SecurityLevel.authNoPriv };
  return { ...auth, level: snmp.SecurityLevel.authPriv, privProtocol: PRIVACY[agent.privacy], privKey };
}

function failed(error: Error, ask: Ask): Result<Said> {
  if (error.name === 'RequestTimedOutError') return fail('AGENT_SILENT', 'no answer in time', error);
  const status = (error as { status?: unknown }).status;
  if (error.name !== 'RequestFailedError' || typeof status !== 'number') {
    return fail('AGENT_UNREADABLE', error.message.slice(0, 100), error);
  }
  // The package names the varbind in its message alone.
  const oid = /: ([0-9.]+)$/.exec(error.message)?.[1];
  const oids = ask.kind === 'set' ? ask.varbinds.map(({ name }) => name) : ask.oids;
  const index = oids.findIndex((one) => formatOid(one) === oid) + 1;
  return ok({ kind: 'error', status, index });
}

const NO_VALUE: Readonly<Record<number, Value>> = {
  [snmp.ObjectType.NoSuchObject]: { type: 'no-such-object' },
  [snmp.ObjectType.NoSuchInstance]: { type: 'no-such-instance' },
  [snmp.ObjectType.EndOfMibView]: { type: 'end-of-mib-view' },
  [snmp.ObjectType.Null]: { type: 'null' },
};

/** From the wire: whatever the other side says, this is a value of ours or undefined. */
function varbindOf({ oid, type, value }: snmp.Varbind): Varbind | undefined {
  const name = parseOid(oid);
  const read = readValue(type, value);
  return name.ok && read !== undefined ? { name: name.value, value: read } : undefined;
}

const UINT32 = 0xffff_ffff;

function readValue(type: number | undefined, value: unknown): Value | undefined {
  const kinds = snmp.ObjectType;
  const none = NO_VALUE[type ?? -1];
  if (none !== undefined) return none;
  if (type === kinds.OID) {
    const oid = typeof value === 'string' ? parseOid(value) : undefined;
    return oid?.ok ? { type: 'oid', value: oid.value } : undefined;
  }
  if (type === kinds.IpAddress) {
    const parts = typeof value === 'string' ? value.split('.').map(Number) : [];
    const good = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
    return good ? { type: 'ip-address', value: Uint8Array.from(parts) } : undefined;
  }
  if (value instanceof Uint8Array) {
    if (type === kinds.OctetString) return { type: 'octets', value };
    if (type === kinds.Opaque) return { type: 'opaque', value };
    // A ninth octet is the sign of one beyond 2⁶³, and zero.
    const wide = type === kinds.Counter64 && value.length <= 9 ? bigintOf(value) : undefined;
    return wide !== undefined && wide < 1n << 64n ? { type: 'counter64', value: wide } : undefined;
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  if (type === kinds.Integer) return value === (value | 0) ? { type: 'integer', value } : undefined;
  if (value < 0 || value > UINT32) return undefined;
  if (type === kinds.Counter) return { type: 'counter32', value };
  if (type === kinds.Gauge) return { type: 'gauge32', value };
  return type === kinds.TimeTicks ? { type: 'time-ticks', value } : undefined;
}

function bigintOf(octets: Uint8Array): bigint {
  let value = 0n;
  for (const octet of octets) value = (value << 8n) | BigInt(octet);
  return value;
}

/** To the wire, in a SET. */
function asked({ name, value }: Varbind): { oid: string; type: number; value: unknown } {
  const oid = formatOid(name);
  const kinds = snmp.ObjectType;
  switch (value.type) {
    case 'integer':
      return { oid, type: kinds.Integer, value: value.value };
    case 'octets':
      return { oid, type: kinds.OctetString, value: Buffer.from(value.value) };
    case 'opaque':
      return { oid, type: kinds.Opaque, value: Buffer.from(value.value) };
    case 'ip-address':
      return { oid, type: kinds.IpAddress, value: value.value.join('.') };
    case 'oid':
      return { oid, type: kinds.OID, value: formatOid(value.value) };
    case 'counter32':
      return { oid, type: kinds.Counter, value: value.value };
    case 'gauge32':
      return { oid, type: kinds.Gauge, value: value.value };
    case 'time-ticks':
      return { oid, type: kinds.TimeTicks, value: value.value };
    case 'counter64': {
      const octets = Buffer.alloc(8);
      octets.writeBigUInt64BE(value.value);
      return { oid, type: kinds.Counter64, value: octets };
    }
    default:
      return { oid, type: kinds.Null, value: null };
  }
}
