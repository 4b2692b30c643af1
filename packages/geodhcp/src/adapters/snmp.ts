import { readFileSync } from 'node:fs';
import { fail, type Ipv4, ok, type Result } from '@softset/base';
import type { GeoSwitch } from '@softset/protocol';
import { errnoFailure } from '@softset/runtime/errno.js';
import snmp from 'net-snmp';
import type { Varbind } from '../core/bridge-mib.js';

/** One forwarding table of a switch: the whole of it, or a VLAN's (`cisco`). */
export interface SnmpSession {
  readonly context: string;
  /** Exact instances. Errors: `SNMP_TIMEOUT`, `SNMP_FAILED`. */
  get(oids: readonly string[]): Promise<Result<readonly Varbind[]>>;
  /** A column, whole, or as much of it as is read within the time, and with patience. Errors as `get`. */
  walk(column: string): Promise<Result<readonly Varbind[]>>;
  close(): void;
}

/** A GET of 32 variables is answered within an Ethernet frame by every agent. */
const OIDS_MAX = 32;
/** The largest chassis switch has some 10,000 interfaces; a liar's walk has no end. */
const ROWS_MAX = 16_384;
const WALK_MS = 5000;
/** A small switch answers one question after the other, and thinks long about a table: no look-up waits for this. */
const PATIENCE_MS = 2000;
const WALK_REPETITIONS = 25;

const authentication = {
  md5: snmp.AuthProtocols.md5,
  sha: snmp.AuthProtocols.sha,
  sha256: snmp.AuthProtocols.sha256,
  sha512: snmp.AuthProtocols.sha512,
};
const encryption = { aes: snmp.PrivProtocols.aes, des: snmp.PrivProtocols.des };

/** Sessions of a switch, from our own address on its network. Errors: errno's names (the secrets' file), `SNMP_SECRETS`. */
export function openSessions(
  config: GeoSwitch,
  from: Ipv4,
  timeoutMs: number,
  beside: (file: string) => string,
): Result<readonly SnmpSession[]> {
  const { v3, profile, vlans, community } = config;
  // A question and one repetition fit the time of a look-up, with some of it left to say so.
  const base = { port: config.udpPort, retries: 1, backoff: 1, sourceAddress: from };
  const quick = { ...base, timeout: Math.floor(timeoutMs * 0.45) };
  const patient = { ...base, timeout: PATIENCE_MS };
  const ids = profile === 'cisco' ? vlans.map(String) : [''];
  if (v3 === undefined) {
    return ok(
      ids.map((vlan) => {
        const name = vlan === '' ? community : `${community}@${vlan}`;
        const open = (how: typeof base) =>
          snmp.createSession(config.address, name, { ...how, version: snmp.Version2c });
        return wrap(open(quick), open(patient), vlan);
      }),
    );
  }
  const user = userOf(v3, beside);
  if (!user.ok) return user;
  return ok(
    ids.map((vlan) => {
      const context = vlan === '' ? '' : `vlan-${vlan}`;
      const open = (how: typeof base) =>
        snmp.createV3Session(config.address, user.value, { ...how, version: snmp.Version3, context });
      return wrap(open(quick), open(patient), vlan);
    }),
  );
}

function userOf(v3: NonNullable<GeoSwitch['v3']>, beside: (file: string) => string): Result<snmp.User> {
  const { user: name, secretsFile } = v3;
  if (secretsFile === undefined) return ok({ name, level: snmp.SecurityLevel.noAuthNoPriv });
  const path = beside(secretsFile);
  let lines: readonly string[];
  try {
    lines = readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim());
  } catch (error) {
    return errnoFailure(error, `read the SNMP secrets ${path}`);
  }
  const [authKey = '', privKey = ''] = lines;
  // RFC 3414 §11.2: at least eight characters.
  if (authKey.length < 8 || (privKey !== '' && privKey.length < 8))
    return fail(
      'SNMP_SECRETS',
      `${path}: the first line, and the second where there is one, need 8 characters or more`,
    );
  const auth = { name, authProtocol: authentication[v3.auth], authKey };
  if (privKey === '') return ok({ ...auth, level: snmp.SecurityLevel.authNoPriv });
  return ok({ ...auth, level: snmp.SecurityLevel.authPriv, privProtocol: encryption[v3.privacy], privKey });
}

function wrap(quick: snmp.Session, patient: snmp.Session, context: string): SnmpSession {
  // What is no SNMP at all is dropped; the question then runs into its time-out.
  for (const session of [quick, patient]) session.on('error', () => {});
  let closed = false;
  const getSome = (oids: readonly string[]): Promise<Result<readonly Varbind[]>> =>
    new Promise((settle) => {
      quick.get([...oids], (error, varbinds) => {
        settle(error === null ? ok((varbinds ?? []).map(varbindOf)) : failed(error));
      });
    });
  return {
    context,
    get: async (oids) => {
      if (closed) return fail('SNMP_FAILED', 'closed');
      const parts = Array.from({ length: Math.ceil(oids.length / OIDS_MAX) }, (_, i) =>
        getSome(oids.slice(i * OIDS_MAX, (i + 1) * OIDS_MAX)),
      );
      const all: Varbind[] = [];
      for (const part of await Promise.all(parts)) {
        if (!part.ok) return part;
        all.push(...part.value);
      }
      return ok(all);
    },
    walk: (column) =>
      new Promise((settle) => {
        if (closed) {
          settle(fail('SNMP_FAILED', 'closed'));
          return;
        }
        const rows: Varbind[] = [];
        const endMs = performance.now() + WALK_MS;
        const feed = (varbinds: snmp.Varbind[]): boolean => {
          rows.push(...varbinds.map(varbindOf));
          return rows.length >= ROWS_MAX || performance.now() >= endMs;
        };
        patient.subtree(column, WALK_REPETITIONS, feed as snmp.FeedCallback, (error) =>
          settle(error === null || error === undefined || rows.length > 0 ? ok(rows) : failed(error)),
        );
      }),
    close: () => {
      closed = true;
      quick.close();
      patient.close();
    },
  };
}

function failed(error: Error): Result<never> {
  const timeout = error.name === 'RequestTimedOutError';
  return fail(timeout ? 'SNMP_TIMEOUT' : 'SNMP_FAILED', timeout ? 'timeout' : error.message.slice(0, 100), error);
}

function varbindOf(varbind: snmp.Varbind): Varbind {
  const { oid, value } = varbind;
  if (snmp.isVarbindError(varbind)) return { oid, value: undefined };
  if (typeof value === 'number') return { oid, value };
  return { oid, value: value instanceof Uint8Array ? value : undefined };
}
