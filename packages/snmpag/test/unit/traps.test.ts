import type { Board, Cluster } from '@softset/protocol';
import {
  EMPTY_BOOK,
  type FactBook,
  hear,
  hearInventory,
  OBJECTS_MAX,
  standing,
} from '@softset/snmpag/core/traps/fact-book.js';
import { factsOfTrap } from '@softset/snmpag/core/traps/trap-facts.js';
import { parseTrapLine, type Trap } from '@softset/snmpag/core/traps/trap-line.js';
import { trapdConf } from '@softset/snmpag/core/traps/trapd-conf.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { behind } from '../behind-facts.js';
import { cluster } from '../fixture.js';

const from = 'UDP: [10.1.1.3]:1024->[10.1.1.1]:162';
const ifIndex = '.1.3.6.1.2.1.2.2.1.1.7 = 7';
const linkDown = '.1.3.6.1.6.3.1.1.4.1.0 = .1.3.6.1.6.3.1.1.5.3';
const v2 = (...varbinds: string[]): string => ['V2', from, varbinds.join(';')].join('\t');
function trap(line: string): Trap {
  const read = parseTrapLine(line);
  if (read === undefined) throw new Error(`unreadable: ${line}`);
  return read;
}

describe('a line of snmptrapd', () => {
  it('v2c and v3: who, what, and the varbinds', () => {
    const read = trap(v2('.1.3.6.1.2.1.1.3.0 = 5', linkDown, ifIndex, '.1.3.6.1.2.1.31.1.1.1.18.7 = "61 3B 20 "'));
    expect(read.source).to.equal('10.1.1.3');
    expect(read.notification.join('.')).to.equal('1.3.6.1.6.3.1.1.5.3');
    expect(read.varbinds[3]?.text).to.equal('"61 3B 20 "');
  });

  for (const [title, fields, wanted] of [
    ['generic 2 is linkDown', ['.1.3.6.1.4.1.8072', '2', '0', ifIndex], '1.3.6.1.6.3.1.1.5.3'],
    ['generic 0 is coldStart', ['.1.3.6.1.4.1.8072', '0', '0', ''], '1.3.6.1.6.3.1.1.5.1'],
    ['one of an enterprise is below its 0', ['.1.3.6.1.4.1.8072', '6', '.42', ''], '1.3.6.1.4.1.8072.0.42'],
  ] as const) {
    it(`v1: ${title} (RFC 3584 §3.1)`, () => {
      expect(trap(['V1', from, ...fields].join('\t')).notification.join('.')).to.equal(wanted);
    });
  }

  it('an address of IPv6, as the cluster file has it', () => {
    expect(trap(`V2\tUDP/IPv6: [2001:db8:0::0007]:1->[::1]:162\t${linkDown}`).source).to.equal('2001:db8::7');
  });

  for (const [title, line] of [
    ['what snmptrapd says of itself', 'NET-SNMP version 5.9.3'],
    ['no address', `V2\tUDP: [somewhere]:1->x\t${linkDown}`],
    ['no notification', v2(ifIndex)],
    ['a varbind that is none', v2(linkDown, 'x')],
    ['a generic trap that there is not', ['V1', from, '.1.3', '7', '.1', ''].join('\t')],
    ['a field too many', `${v2(linkDown)}\tmore`],
    ['more varbinds than anybody sends', v2(linkDown, ...Array.from({ length: 200 }, () => ifIndex))],
  ] as const) {
    it(`${title}: nothing`, () => expect(parseTrapLine(line)).to.equal(undefined));
  }

  it('never throws, whatever comes', () => {
    const part = fc.constantFrom('V1', 'V2', '\t', ';', ' = ', from, linkDown, '.1.3.', '4294967296', '"', '\0', '6');
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string()), { maxLength: 30 }), (parts) => {
        const read = parseTrapLine(parts.join(''));
        if (read !== undefined) factsOfTrap(read, { notices: {} }, 1000);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what a notification says', () => {
  const none = { notices: {} };
  const said = (...varbinds: string[]) =>
    factsOfTrap(trap(v2(...varbinds)), none, 1000).map(({ object, value }) => [object, value]);

  it('linkDown and linkUp: the state of that interface, and what the operator wants of it', () => {
    expect(said(linkDown, ifIndex, '.1.3.6.1.2.1.2.2.1.7.7 = 1', '.1.3.6.1.2.1.2.2.1.8.7 = 2')).to.deep.equal([
      ['ifOperStatus.7', 'down'],
      ['ifAdminStatus.7', 'up'],
    ]);
    const linkUp = linkDown.replace(/3$/, '4');
    expect(said(linkUp, ifIndex, '.1.3.6.1.2.1.2.2.1.8.7 = 5')).to.deep.equal([['ifOperStatus.7', 'dormant']]);
    expect(said(linkUp, ifIndex)).to.deep.equal([['ifOperStatus.7', 'up']]);
  });

  it('what it is called counts, and not a varbind that says otherwise', () => {
    expect(said(linkDown, ifIndex, '.1.3.6.1.2.1.2.2.1.8.7 = 1')).to.deep.equal([['ifOperStatus.7', 'down']]);
  });

  it('without an ifIndex that there can be, nothing', () => {
    for (const text of ['0', '-3', '4294967295', '"37 "', '7.5']) {
      expect(said(linkDown, `.1.3.6.1.2.1.2.2.1.1.7 = ${text}`), text).to.deep.equal([]);
    }
  });

  it('others are what the cluster file calls them, until what ends them', () => {
    const notices = { 'fan-failed': { oid: '1.3.6.1.4.1.9.0.1', clearedBy: '1.3.6.1.4.1.9.0.2', freshMs: 700 } };
    const of = (oid: string) => factsOfTrap(trap(v2(`.1.3.6.1.6.3.1.1.4.1.0 = .${oid}`)), { notices }, 1000);
    expect(of('1.3.6.1.4.1.9.0.1')).to.deep.equal([{ object: 'fan-failed', value: true, freshMs: 700 }]);
    expect(of('1.3.6.1.4.1.9.0.2')).to.deep.equal([{ object: 'fan-failed', value: false, freshMs: 700 }]);
    expect(of('1.3.6.1.4.1.9.0.3')).to.deep.equal([]);
  });
});

describe('facts that were told', () => {
  const down = { object: 'ifOperStatus.2', value: 'down', freshMs: 1000 } as const;
  const valueAt = (book: FactBook, nowMs: number, name = 'ifOperStatus.2') =>
    standing(book, nowMs).find((one) => one.name === name)?.value;
  const inventory = behind.inventory;
  if (inventory === undefined) throw new Error('no inventory');

  it('are believed for so long and are unknown then; their names stay', () => {
    const book = hear(EMPTY_BOOK, 'io-1', [down], 100);
    expect(valueAt(book, 1099)).to.equal('down');
    expect(valueAt(book, 1100)).to.equal(null);
  });

  it('a reading corrects what was told before it began', () => {
    const book = hear(EMPTY_BOOK, 'io-1', [down], 4800);
    const read = hearInventory(book, 'io-1', inventory, [], 15_000);
    expect(valueAt(read, 5100)).to.equal('up');
  });

  it('a reading that began before the notification came does not undo it', () => {
    const book = hear(EMPTY_BOOK, 'io-1', [down], 4950);
    expect(valueAt(hearInventory(book, 'io-1', inventory, [], 15_000), 5100)).to.equal('down');
  });

  it('what rules ask of an interface is read, by its name in the MIB; what there is not, is not invented', () => {
    const asked = [
      'ifOperStatus.2',
      'ifType.2',
      'ifOperStatus.9',
      'ifNothing.2',
      'ifType',
      'constructor.2',
      'ifType.2.3',
    ];
    const book = hearInventory(EMPTY_BOOK, 'io-1', inventory, asked, 15_000);
    expect(standing(book, 5000)).to.deep.equal([
      { agent: 'io-1', name: 'ifOperStatus.2', value: 'up', ageMs: 0 },
      { agent: 'io-1', name: 'ifType.2', value: 6, ageMs: 0 },
    ]);
    expect(valueAt(book, 20_000), 'nobody read it again').to.equal(null);
  });

  it('of an agent that names ports without end the last ones are kept', () => {
    let book = EMPTY_BOOK;
    for (let port = 1; port <= OBJECTS_MAX + 10; port++) {
      book = hear(book, 'io-1', [{ ...down, object: `ifOperStatus.${port}` }], port);
    }
    expect(standing(book, 0)).to.have.length(OBJECTS_MAX);
    expect(valueAt(book, 600, `ifOperStatus.${OBJECTS_MAX + 10}`)).to.equal('down');
    expect(valueAt(book, 0, 'ifOperStatus.1')).to.equal(undefined);
  });
});

describe("snmptrapd's configuration", () => {
  const parts = (agents: Partial<Cluster['snmp']>) => ({
    cluster: {
      ...cluster,
      snmp: { boards: [1], listen: [], users: [], communities: [], targets: [], agents: [], ...agents },
    },
    board: cluster.boards[0] as Board,
    persistentDir: '/p',
    secrets: new Map<string, { community?: string; passphrases?: readonly [string, string] }>([
      ['io-1', { community: 'board-secret' }],
      ['switch-a', { passphrases: ['auth-1', 'priv-1'] }],
    ]),
  });

  it('takes a community from its agent’s own addresses alone', () => {
    const text = trapdConf(parts({ agents: [behind.agent] }));
    expect(text).to.include('authCommunity log "board-secret" 10.1.1.3\n');
    expect(text).to.include('authCommunity log "board-secret" 20.1.1.3\n');
    expect(text).to.not.match(/public|disableAuthorization/);
  });

  it('knows a user for informs, and for traps where its engine is named', () => {
    const v3 = { ...behind.agent, name: 'switch-a', user: 'us', engineId: '0x8000000001020304' };
    const text = trapdConf(parts({ agents: [v3] }));
    expect(text).to.include('createUser us SHA-256 "auth-1" AES "priv-1"\n');
    expect(text).to.include('createUser -e 0x8000000001020304 us SHA-256 "auth-1" AES "priv-1"\n');
    expect(text).to.include('authUser log us priv\n');
    const { engineId: _, ...without } = v3;
    expect(trapdConf(parts({ agents: [without] }))).to.not.include('createUser -e');
  });
});
