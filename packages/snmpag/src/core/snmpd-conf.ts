import type { Board, Cluster } from '@softset/protocol';
import { formatOid } from './oid.js';
import { signedContext } from './set/set-by.js';
import { BASE_OID } from './softset/base-oid.js';

/** What the file is made from, beside the cluster file. */
export interface ConfParts {
  readonly cluster: Cluster;
  readonly board: Board;
  /** `unix:PATH` or `tcp:ADDRESS:PORT`: where snmpd and this agent meet. */
  readonly agentx: string;
  /** Where snmpd keeps its engine's boots, which are what makes a replay stale (RFC 3414 §2.2.2). */
  readonly persistentDir: string;
  /** By user: the passphrases of authentication and of privacy. */
  readonly passphrases: ReadonlyMap<string, readonly [auth: string, privacy: string]>;
  /** By the name of its file. */
  readonly communities: ReadonlyMap<string, string>;
}

/** What an answer to one request may take, in s: a planned move waits for the director, a stop for the program. */
export const AGENTX_TIMEOUT_S = 10;

/**
 * What snmpd counts of itself and of whom it refused: snmpEngine, snmpMPDStats, snmpUnavailableContexts,
 * snmpUnknownContexts, usmStats (RFC 3411 §5, 3412 §5, 3413 §4.1.2, 3414 §5). snmpd 5.9 drops a question in an unknown
 * context without the report of RFC 3413 §3.2; it is seen here alone.
 */
const COUNTED = [
  '.1.3.6.1.6.3.10.2.1',
  '.1.3.6.1.6.3.11.2.1',
  '.1.3.6.1.6.3.12.1.4',
  '.1.3.6.1.6.3.12.1.5',
  '.1.3.6.1.6.3.15.1.1',
];

/** SNMP-USER-BASED-SM-MIB, SNMP-VIEW-BASED-ACM-MIB, SNMP-COMMUNITY-MIB. */
const HIDDEN = ['.1.3.6.1.6.3.15', '.1.3.6.1.6.3.16', '.1.3.6.1.6.3.18'];

/**
 * snmpd's configuration (snmpd.conf(5)): USM users, views, receivers of notifications, and the AgentX socket. Nothing is
 * there that the cluster file does not name: no default community, no default user. It holds secrets: mode 0600.
 */
export function snmpdConf(parts: ConfParts): string {
  const { cluster, board, agentx, persistentDir } = parts;
  const { listen = [], users = [], communities = [], targets = [], agents = [] } = cluster.snmp ?? {};
  const contexts = agents.map(({ name }) => name);
  const passphrase = (user: string) => parts.passphrases.get(user) ?? ['', ''];
  const community = (file: string) => parts.communities.get(file) ?? '';
  const lines = [
    '# Made by snmpagd-conf from the cluster file; what is changed here is lost.',
    `[snmp] persistentDir ${persistentDir}`,
    `agentAddress ${listen.join(',')}`,
    'master agentx',
    `agentXSocket ${agentx}`,
    'agentXPerms 0600 0700',
    `agentXTimeout ${AGENTX_TIMEOUT_S}`,
    // Asked once: what was asked twice would be done twice.
    'agentXRetries 0',
    `exactEngineID ${engineId(cluster.number, board.id)}`,
    `sysName ${cluster.name}/${board.name}`,
    // What an operator needs of mib-2, and ours; never the tables of users and views.
    'view softset included .1.3.6.1.2.1',
    `view softset included .${formatOid(BASE_OID)}`,
    ...COUNTED.map((oid) => `view softset included ${oid}`),
    // In an agent's context all that it says, but never its own users, views and communities.
    ...(contexts.length === 0
      ? []
      : ['view relayed included .1', ...HIDDEN.map((oid) => `view relayed excluded ${oid}`)]),
    ...users.map(({ name, level }) => {
      const [auth, privacy] = passphrase(name);
      return `createUser ${name} SHA-256 "${auth}"${level === 'authPriv' ? ` AES "${privacy}"` : ''}`;
    }),
    ...users.flatMap(({ name, level, access }) => {
      const security = level === 'authPriv' ? 'priv' : 'auth';
      const who = `${access === 'read-write' ? 'rwuser' : 'rouser'} ${name} ${security}`;
      const signed = access === 'read-only' ? [] : [`rwuser ${name} ${security} -V softset ${signedContext(name)}`];
      return [`${who} -V softset`, ...contexts.map((context) => `${who} -V relayed ${context}`), ...signed];
    }),
    ...communities.map(({ file, access, from, context }) => {
      const family = from.includes(':') ? 'community6' : 'community';
      const what = context === undefined ? 'softset' : `relayed ${context}`;
      return `${access === 'read-write' ? 'rw' : 'ro'}${family} "${community(file)}" ${from} -V ${what}`;
    }),
    ...targets.map(({ address, user, communityFile, inform }) => {
      const ask = inform ? ' -Ci' : '';
      if (user === undefined) return `trapsess${ask} -v 2c -c "${community(communityFile ?? '')}" ${address}`;
      const { level = 'authPriv' } = users.find(({ name }) => name === user) ?? {};
      const [auth, privacy] = passphrase(user);
      const secret = level === 'authPriv' ? ` -x AES -X "${privacy}"` : '';
      return `trapsess${ask} -v 3 -u ${user} -l ${level} -a SHA-256 -A "${auth}"${secret} ${address}`;
    }),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * An engine ID that is known before snmpd runs, for receivers of v3 notifications must be told it (RFC 3411 §5): the
 * enterprise of net-snmp, format 5, and `SS`, the cluster's number, the board's.
 */
export function engineId(cluster: number, board: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `0x80001f88055353${hex(cluster, 8)}${hex(board, 2)}`;
}

/** The same as octets, for entLogicalContextEngineID. */
export function engineIdOctets(cluster: number, board: number): Uint8Array {
  const hex = engineId(cluster, board).slice(2);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * What snmpd keeps, without its users: they come from the cluster file, and one with an old passphrase would come back
 * from here. The engine's boots stay.
 */
export function withoutUsers(persistent: string): string {
  return persistent
    .split('\n')
    .filter((line) => !/^\s*(usmUser|createUser)\b/.test(line))
    .join('\n');
}
