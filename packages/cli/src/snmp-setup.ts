import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { exitCodes } from './exit-codes.js';
import { print, refuse } from './say.js';

const MIBS = fileURLToPath(new URL('../../../docs/mibs', import.meta.url));

/** `missing`, `exposed` (others may read it) or `there`. */
export type SecretState = 'missing' | 'exposed' | 'there';

export interface SetupOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/** `softset snmp setup`: what is missing, and the commands to try, made from the cluster file. */
export function snmpSetupCommand({ cluster: file, json }: SetupOptions): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    return refuse({ code: 'CLUSTER_FILE_INVALID', message: `${file}: ${(cause as Error).message}` });
  }
  const read = parseClusterFile(text, file);
  if (!read.ok) return refuse(read);
  const beside = (name: string): string => resolve(dirname(file), name);
  const steps = setupSteps(read.value, resolve(file), (name) => stateOf(beside(name)), beside);
  print(
    json ? JSON.stringify(steps) : steps.map(({ title, lines }) => [title, '', ...lines, ''].join('\n')).join('\n'),
  );
  return exitCodes.done;
}

function stateOf(path: string): SecretState {
  try {
    return (statSync(path).mode & 0o077) === 0 ? 'there' : 'exposed';
  } catch {
    return 'missing';
  }
}

export interface Step {
  readonly title: string;
  readonly lines: readonly string[];
}

const SECTION = `snmp:
  users:
    operator: { access: read-write, passwordFile: operator.snmp }
  agents:
    io-1: { communityFile: boards.snmp }`;

/** Without a look at anything but what is given. */
export function setupSteps(
  cluster: Cluster,
  file: string,
  secret: (name: string) => SecretState,
  beside: (name: string) => string,
): readonly Step[] {
  const { snmp } = cluster;
  if (snmp === undefined) {
    const lines = SECTION.split('\n').map((line) => `    ${line}`);
    return [{ title: `${file} has no snmp section: nobody may look. To begin with:`, lines }];
  }
  const steps: Step[] = [];
  const files = [
    ...snmp.users.map(({ passwordFile }) => passwordFile),
    ...snmp.communities.map((one) => one.file),
    ...[...snmp.targets, ...snmp.agents].flatMap(({ communityFile }) => communityFile ?? []),
    ...snmp.agents.flatMap(({ passwordFile }) => passwordFile ?? []),
  ];
  const cures = [...new Set(files)].flatMap((name) => {
    const path = beside(name);
    const state = secret(name);
    if (state === 'there') return [];
    if (state === 'exposed') return [`    chmod 0600 ${path}`];
    return [`    (umask 077; head -c 18 /dev/urandom | base64 | tr '+/' '-_' > ${path})`];
  });
  if (cures.length > 0)
    steps.push({ title: 'Secrets, each in a file of its own, on each board that runs SNMP/ag:', lines: cures });
  const boards = cluster.boards.filter(({ id }) => snmp.boards.includes(id));
  const where = `--cluster ${file} --board NAME --run-dir /run/softset --state-dir /var/lib/softset`;
  steps.push({
    title: `On ${boards.map(({ name }) => name).join(', ')}, under PSRM or by hand:`,
    lines: [`    snmpagd ${where}`, `    snmpagd-front ${where}`],
  });
  const front = frontOf(snmp.listen, boards[0]?.addresses.A ?? 'ADDRESS');
  const [user] = snmp.users;
  if (user !== undefined) steps.push(...looking(snmp, user, beside(user.passwordFile), front));
  else steps.push({ title: 'No user is named under snmp.users: nobody may look by SNMPv3.', lines: [] });
  steps.push({
    title: 'Prometheus: each daemon says its own metrics, and snmp_exporter has the tables:',
    lines: [`    ${MIBS}/snmp_exporter.yml   (module=softset)`],
  });
  return steps.map(({ title, lines }) => ({ title, lines: lines.flatMap(wrapped) }));
}

/** Columns of a terminal that nobody made wider. */
const COLUMNS = 80;

/**
 * A command on lines that fit a terminal, each but the last ended by a backslash, so that it can be copied whole. The shell
 * takes a backslash at a line's end for nothing, in double quotes as well. A word that is longer stays whole.
 */
function wrapped(line: string): string[] {
  const [first = '', ...words] = line.trim().split(' ');
  const lines = [`    ${first}`];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    // Two more for what goes on behind it.
    if (last.length + 1 + word.length + 2 <= COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`        ${word}`);
  }
  return lines.map((text, i) => (i < lines.length - 1 ? `${text} \\` : text));
}

function looking(
  snmp: NonNullable<Cluster['snmp']>,
  user: NonNullable<Cluster['snmp']>['users'][number],
  passwordFile: string,
  front: string,
): Step[] {
  const privacy = user.level === 'authPriv' ? ` -x AES -X "$(tail -n 1 ${passwordFile})"` : '';
  const who = `-v3 -l ${user.level} -u ${user.name} -a SHA-256 -A "$(head -n 1 ${passwordFile})"${privacy}`;
  const mib = `-M +${MIBS} -m +SOFTSET-MIB`;
  // Rows of services and programs are told apart by their index alone; a table is cut where a terminal ends.
  const table = `snmptable -Cb -Ci -Cw ${COLUMNS}`;
  const steps: Step[] = [
    {
      title: 'The whole system:',
      lines: [
        `    ${table} ${who} ${mib} ${front} SOFTSET-MIB::softsetBoardTable`,
        `    snmpbulkwalk ${who} ${mib} ${front} SOFTSET-MIB::softsetMIB`,
        `    snmptranslate ${mib} -Tp SOFTSET-MIB::softsetMIB`,
      ],
    },
  ];
  if (user.access === 'read-write') {
    steps.push({
      title: 'A planned move of SERVICE to board 2, and a restart of PROGRAM on board 1:',
      lines: [
        `    snmpset ${who} ${mib} ${front} "SOFTSET-MIB::softsetServiceHolderWanted.'SERVICE'" u 2`,
        `    snmpset ${who} ${mib} ${front} "SOFTSET-MIB::softsetProgramOrder.1.'PROGRAM'" i restart`,
      ],
    });
  }
  const [agent] = snmp.agents;
  if (agent !== undefined) {
    steps.push({
      title: 'Own agents of boards and switches, each in the context of its name:',
      lines: [
        `    ${table} ${who} ${mib} ${front} SOFTSET-MIB::softsetAgentTable`,
        `    snmpwalk ${who} -n ${agent.name} ${front} 1.3.6.1.2.1.1`,
      ],
    });
  }
  return steps;
}

/** Where an operator asks: the first address that snmpd listens at, for tools that want it in front. */
function frontOf(listen: readonly string[], address: string): string {
  const [first = 'udp:161'] = listen;
  const [kind = 'udp', ...rest] = first.split(':');
  const port = rest.at(-1) ?? '161';
  const said = rest.slice(0, -1).join(':');
  return `${kind}:${said === '' || said === '0.0.0.0' ? address : said}:${port}`;
}
