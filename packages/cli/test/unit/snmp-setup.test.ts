import { type SecretState, setupSteps } from '@softset/cli/snmp-setup.js';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { expect } from 'chai';

const base = `version: 1
cluster: { name: chassis, number: 1, keyFile: k }
networks:
  A: { subnet: 10.1.0.0/16, device: a0 }
  B: { subnet: 20.1.0.0/16, device: b0 }
boards:
  cpu-1: { id: 1, role: control, A: 10.1.1.1, B: 20.1.1.1, vote: true }
  cpu-2: { id: 2, role: control, A: 10.1.1.2, B: 20.1.1.2, vote: true }
  io-1: { id: 3, role: io, A: 10.1.1.3, B: 20.1.1.3, vote: true }
`;

function setup(snmp: string, states: Readonly<Record<string, SecretState>> = {}): string[] {
  const read = parseClusterFile(`${base}${snmp}`, 'c.yaml');
  if (!read.ok) throw new Error(read.message);
  const steps = setupSteps(
    read.value,
    '/etc/softset/c.yaml',
    (name) => states[name] ?? 'there',
    (name) => `/etc/softset/${name}`,
  );
  return steps.flatMap(({ title, lines }) => [title, ...lines]);
}

/** As the shell reads it. */
function text(snmp: string, states: Readonly<Record<string, SecretState>> = {}): string {
  return setup(snmp, states)
    .join('\n')
    .replaceAll(/ \\\n +/g, ' ');
}

const section = `snmp:
  users: { op: { access: read-write, passwordFile: op.snmp } }
  communities: [{ file: c.snmp, from: 10.0.0.0/8 }]
  agents: { io-1: { communityFile: boards.snmp } }
`;

describe('softset snmp setup', () => {
  it('without a section: says so, and shows one that is good', () => {
    const said = text('');
    expect(said).to.include('has no snmp section');
    const shown = said.slice(said.indexOf('    snmp:')).replaceAll(/^ {4}/gm, '');
    expect(parseClusterFile(`${base}${shown}\n`, 'c.yaml').ok).to.equal(true);
  });

  it('names each secret that is missing or exposed, with its cure, and no other', () => {
    const said = text(section, { 'op.snmp': 'missing', 'boards.snmp': 'exposed' });
    expect(said).to.match(/umask 077;.*> \/etc\/softset\/op\.snmp/);
    expect(said).to.include('chmod 0600 /etc/softset/boards.snmp').and.not.include('c.snmp)');
    expect(text(section)).to.not.include('umask');
  });

  it('commands are by the first user, with the secrets read where they lie and never shown', () => {
    const said = text(section);
    expect(said).to.match(
      /snmptable -Cb -Ci -Cw 80 -v3 -l authPriv -u op .*\$\(head -n 1 \/etc\/softset\/op\.snmp\).* udp:10\.1\.1\.1:161 /,
    );
    expect(said).to.match(/snmpwalk .* -n io-1 /);
    expect(said).to.include('On cpu-1, cpu-2');
  });

  it('fits 80 columns, but for words that are longer', () => {
    const commands = setup(section, { 'op.snmp': 'missing' }).filter((line) => line.startsWith('    '));
    for (const line of commands) {
      expect(line.length <= 80 || !line.trim().replace(/ \\$/, '').includes(' '), line).to.equal(true);
    }
  });

  it('a user who may not SET is shown none', () => {
    expect(text(section)).to.include('snmpset');
    expect(text(section.replace('access: read-write, ', ''))).to.not.include('snmpset');
  });
});
