import type { Snmp } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { engineId, snmpdConf, withoutUsers } from '@softset/snmpag/core/snmpd-conf.js';
import { hasAgent } from '@softset/snmpag/core/softset/herald.js';
import { expect } from 'chai';
import { cluster, clusterText, facts } from '../fixture.js';

function conf(snmp?: Snmp): string {
  return snmpdConf({
    cluster: snmp === undefined ? cluster : { ...cluster, snmp },
    board: facts().board,
    agentx: 'unix:/run/softset/agentx.sock',
    persistentDir: '/var/lib/softset/snmpd',
    passphrases: new Map([['op', ['auth-auth', 'priv-priv']]]),
    communities: new Map([['c', 'hidden']]),
  });
}
const full: Snmp = {
  boards: [2],
  listen: ['udp:161', 'udp6:161'],
  users: [
    { name: 'op', access: 'read-write', level: 'authPriv', passwordFile: 'op' },
    { name: 'low', access: 'read-only', level: 'authNoPriv', passwordFile: 'low' },
  ],
  communities: [
    { file: 'c', access: 'read-only', from: '10.0.0.0/8' },
    { file: 'c', access: 'read-write', from: '2001:db8::/32' },
  ],
  targets: [
    { address: '10.1.1.50:162', user: 'op', inform: true },
    { address: '10.1.1.51:162', communityFile: 'c', inform: false },
  ],
  agents: [],
};

describe("snmpd's configuration", () => {
  it('without an snmp part there is nobody who may look', () => {
    expect(conf()).to.not.match(/user|community|trapsess/i);
  });

  for (const line of [
    'agentAddress udp:161,udp6:161',
    'agentXSocket unix:/run/softset/agentx.sock',
    '[snmp] persistentDir /var/lib/softset/snmpd',
    'createUser op SHA-256 "auth-auth" AES "priv-priv"',
    'rwuser op priv -V softset',
    'rouser low auth -V softset',
    'rocommunity "hidden" 10.0.0.0/8 -V softset',
    'rwcommunity6 "hidden" 2001:db8::/32 -V softset',
    'trapsess -Ci -v 3 -u op -l authPriv -a SHA-256 -A "auth-auth" -x AES -X "priv-priv" 10.1.1.50:162',
    'trapsess -v 2c -c "hidden" 10.1.1.51:162',
    'agentXRetries 0',
    'exactEngineID 0x80001f880553530000126701',
  ]) {
    it(line, () => {
      expect(conf(full).split('\n')).to.include(line);
    });
  }

  it('an agent has a context, which each user and its own community may enter, each as far as he may', () => {
    const read = parseClusterFile(
      `${clusterText}snmp:
  users: { op: { access: read-write, passwordFile: f }, low: { level: authNoPriv, passwordFile: f } }
  communities: [{ file: c, from: 10.0.0.0/8, context: io-1 }]
  agents: { io-1: { communityFile: c } }
`,
      'c.yaml',
    );
    const lines = conf(read.ok ? read.value.snmp : undefined).split('\n');
    expect(lines).to.include.members([
      'rwuser op priv -V softset',
      'rwuser op priv -V relayed io-1',
      'rouser low auth -V relayed io-1',
      'rocommunity "hidden" 10.0.0.0/8 -V relayed io-1',
      'view relayed excluded .1.3.6.1.6.3.15',
    ]);
    expect(read.ok && read.value.snmp?.agents[0]?.addresses, 'its board, on both networks').to.deep.equal([
      '10.1.1.3',
      '20.1.1.3',
    ]);
  });

  it('shows neither users nor views to those who look, but how often somebody was refused', () => {
    const views = conf(full)
      .split('\n')
      .filter((line) => line.startsWith('view'));
    expect(views).to.deep.equal([
      'view softset included .1.3.6.1.2.1',
      'view softset included .1.3.6.1.4.1.8072.9999.9999.7413',
      'view softset included .1.3.6.1.6.3.10.2.1',
      'view softset included .1.3.6.1.6.3.11.2.1',
      'view softset included .1.3.6.1.6.3.12.1.4',
      'view softset included .1.3.6.1.6.3.12.1.5',
      'view softset included .1.3.6.1.6.3.15.1.1',
    ]);
  });

  it('each board of each cluster has an engine ID of its own', () => {
    expect(engineId(4711, 1)).to.not.equal(engineId(4711, 2));
    expect(engineId(0xffff_ffff, 64)).to.equal('0x80001f88055353ffffffff40');
  });

  it('what snmpd keeps loses its users and nothing else', () => {
    expect(withoutUsers('usmUser 1 3 0x80 "op"\nengineBoots 7\n  createUser x\noldEngineID 0x80\n')).to.equal(
      'engineBoots 7\noldEngineID 0x80\n',
    );
  });

  it('boards that run the agent: those that are named, else the control boards', () => {
    expect([1, 2, 3].map((board) => hasAgent(cluster, board))).to.deep.equal([true, true, false]);
    expect([1, 2, 3].map((board) => hasAgent({ ...cluster, snmp: full }, board))).to.deep.equal([false, true, false]);
  });
});

describe('the snmp part of the cluster file', () => {
  const parse = (snmp: string) => parseClusterFile(`${clusterText}snmp:\n  ${snmp}\n`, 'c.yaml');
  for (const [title, snmp, said] of [
    ['an unknown board', 'boards: [cpu-9]', 'snmp.boards[0]: unknown board "cpu-9"'],
    ['an unknown user', 'targets: [{ address: 10.0.0.1:162, user: op }]', 'snmp.targets[0].user: unknown user "op"'],
    ['a receiver without a way', 'targets: [{ address: 10.0.0.1:162 }]', 'needs exactly one of user and communityFile'],
    [
      'a password in the file',
      'users: { op: { passwordFile: f, password: x } }',
      'snmp.users.op.password: unknown field',
    ],
    ['a prefix that is none', 'communities: [{ file: c, from: everywhere }]', 'snmp.communities[0].from'],
    ['a line break in an address', 'listen: ["udp:161\\nrwcommunity x"]', 'snmp.listen[0]'],
    ['a context of nobody', 'communities: [{ file: c, from: 10.0.0.0/8, context: io-9 }]', 'unknown agent "io-9"'],
    ['an agent of no board without a number', 'agents: { sw: { communityFile: c, addresses: [10.1.0.2] } }', 'number'],
    ['one without addresses', 'agents: { sw: { communityFile: c, number: 65 } }', 'snmp.agents.sw: needs addresses'],
    ['a number for a board', 'agents: { io-1: { communityFile: c, number: 70 } }', 'snmp.agents.io-1.number'],
    [
      'one number twice',
      'agents: { a: { communityFile: c, number: 65, addresses: [10.1.0.2] }, b: { communityFile: c, number: 65, addresses: [10.1.0.3] } }',
      '65 is the number of a',
    ],
    ['an agent without a way', 'agents: { io-1: {} }', 'needs either communityFile, or user and passwordFile'],
    ['one with two', 'agents: { io-1: { communityFile: c, user: u, passwordFile: f } }', 'needs either'],
    ['an address that is none', 'agents: { io-1: { communityFile: c, addresses: [io-1] } }', 'addresses[0]'],
    [
      "the system's own front as an agent of its own",
      'agents: { cpu-1: { communityFile: c } }',
      'is where SNMP/ag itself answers',
    ],
    ['an AgentX socket open to the network', 'agentx: tcp:0.0.0.0:705', 'snmp.agentx'],
  ] as const) {
    it(`refuses ${title}, and names the field`, () => {
      const read = parse(snmp);
      expect(read.ok ? '' : read.message).to.include(said);
    });
  }
});
