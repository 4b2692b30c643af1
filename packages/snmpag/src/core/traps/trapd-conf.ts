import type { Board, Cluster, SnmpAgent } from '@softset/protocol';
import { TRAP_LINES } from './trap-line.js';

export interface TrapdParts {
  readonly cluster: Cluster;
  readonly board: Board;
  /** Where snmptrapd keeps its engine's boots: an inform of an old life is refused by them. */
  readonly persistentDir: string;
  /** What each agent is known by. */
  readonly secrets: ReadonlyMap<
    string,
    { readonly community?: string; readonly passphrases?: readonly [string, string] }
  >;
}

const AUTH = { sha512: 'SHA-512', sha256: 'SHA-256', sha: 'SHA', md5: 'MD5' } as const;
const PRIVACY = { aes: 'AES', des: 'DES' } as const;

/**
 * snmptrapd's configuration (snmptrapd.conf(5)). Agents behind notify with what they are asked with: their community,
 * from their own addresses alone, or their user. Informs are authenticated by our engine; v3 traps by the sender's, which
 * the cluster file must name (RFC 3414 §3.1). Nobody else is listened to. It holds secrets: mode 0600.
 */
export function trapdConf({ cluster, board, persistentDir, secrets }: TrapdParts): string {
  const agents = cluster.snmp?.agents ?? [];
  const users = agents.flatMap((agent) => userLines(agent, secrets.get(agent.name)?.passphrases));
  const communities = agents.flatMap(({ name, addresses }) => {
    const { community } = secrets.get(name) ?? {};
    if (community === undefined) return [];
    return addresses.map((address) => `authCommunity log "${community}" ${address}`);
  });
  const lines = [
    '# Made by snmpagd from the cluster file; what is changed here is lost.',
    `[snmp] persistentDir ${persistentDir}`,
    // Octets in one line, however many.
    '[snmp] hexOutputLength 0',
    `[snmp] exactEngineID ${trapEngineId(cluster.number, board.id)}`,
    'doNotFork yes',
    ...TRAP_LINES.formats,
    ...new Set(users),
    ...new Set(communities),
  ];
  return `${lines.join('\n')}\n`;
}

function userLines(agent: SnmpAgent, passphrases: readonly [string, string] | undefined): string[] {
  const { user, engineId, level, auth, privacy } = agent;
  if (user === undefined || passphrases === undefined) return [];
  const secret = level === 'authPriv' ? ` ${PRIVACY[privacy]} "${passphrases[1]}"` : '';
  const keys = `${user} ${AUTH[auth]} "${passphrases[0]}"${secret}`;
  return [
    `createUser ${keys}`,
    ...(engineId === undefined ? [] : [`createUser -e ${engineId} ${keys}`]),
    `authUser log ${user} ${level === 'authPriv' ? 'priv' : 'auth'}`,
  ];
}

/** Another engine than snmpd's, for its boots are counted apart: `ST` in place of `SS`. */
export function trapEngineId(cluster: number, board: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `0x80001f88055354${hex(cluster, 8)}${hex(board, 2)}`;
}
