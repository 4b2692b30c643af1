import { makeRow, nothingMeasured, type Row, type RowParts } from '@softset/cli/bench/row.js';
import { table } from '@softset/cli/bench/show.js';
import { expect } from 'chai';

const samples = (...values: readonly number[]) => ({ samples: values, notes: [] });

function row(parts: Partial<RowParts>): Row {
  const bare = { suite: 'failover', case: 'crash', unit: 'ms', ours: nothingMeasured, peers: {}, budget: null };
  return makeRow({ ...bare, ...parts });
}

describe('bench: rows', () => {
  it("takes the ratio of our median to the best peer's", () => {
    const made = row({ ours: samples(30), peers: { slow: samples(60), fast: samples(40), absent: nothingMeasured } });
    expect(made.ratio).to.equal(0.75);
    expect(made.peers.absent).to.equal(null);
    expect(made.peers.fast).to.deep.equal({ n: 1, median: 40, p95: 40, max: 40 });
  });

  it('turns the ratio round for rates: below 1 is better in every row', () => {
    const made = row({ ours: samples(200), peers: { slow: samples(50), fast: samples(100) }, better: 'more' });
    expect(made.ratio).to.equal(0.5);
  });

  const without: readonly [string, Partial<RowParts>][] = [
    ['nothing of ours', { peers: { peer: samples(1) } }],
    ['no peer', { ours: samples(1) }],
    ['a peer that measured nothing', { ours: samples(1), peers: { peer: nothingMeasured } }],
    ['a best peer of zero', { ours: samples(1), peers: { peer: samples(0), other: samples(5) } }],
  ];
  for (const [what, parts] of without) {
    it(`has no ratio with ${what}`, () => {
      expect(row(parts).ratio).to.equal(null);
    });
  }

  it("keeps notes, and says whose a peer's are", () => {
    const made = row({
      ours: { samples: [1], notes: ['odd'] },
      peers: { peer: { samples: [], notes: ['not installed'] } },
    });
    expect(made.notes).to.deep.equal(['odd', 'peer: not installed']);
  });

  it('prints one object of what every benchmark prints', () => {
    expect(Object.keys(JSON.parse(JSON.stringify(row({}))) as object)).to.deep.equal([
      'suite',
      'case',
      'unit',
      'ours',
      'peers',
      'ratio',
      'budget',
      'notes',
    ]);
  });
});

describe('bench: the table', () => {
  const peers = { keepalived: samples(39.1, 48.6), 'keepalived-rt': samples(3214, 123) };

  it('fits 80 columns with two peers and large numbers', () => {
    const note = `${'word '.repeat(40)}end`;
    const lines = table([
      row({ case: 'daemons-restart', ours: { samples: [12345.6], notes: [note] }, peers, budget: 1000 }),
      row({ ours: samples(34.2), peers, budget: 38 }),
    ]);
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
  });

  it('puts a star where our median is over budget, and only there', () => {
    const lines = table([
      row({ case: 'over', ours: samples(38.1), peers, budget: 38 }),
      row({ case: 'within', ours: samples(38), peers, budget: 38 }),
    ]);
    expect(lines.find((line) => line.startsWith('over'))).to.match(/38\*$/);
    expect(lines.find((line) => line.startsWith('within'))).to.match(/38$/);
    expect(lines).to.include('* over budget');
  });

  it('says nothing of budgets where none is passed', () => {
    expect(table([row({ ours: samples(1), budget: 2 })])).not.to.include('* over budget');
  });

  it('shows a missing figure as a dash, and the note below', () => {
    const lines = table([row({ ours: samples(1), peers: { peer: { samples: [], notes: ['one network only'] } } })]);
    expect(lines.find((line) => line.startsWith('crash '))).to.match(/ 1\.00 {2}1\.00 {7}- {5}- {6}- {6}-$/);
    expect(lines.at(-1)).to.equal('crash: peer: one network only');
  });

  it('gives rows with other peers a heading of their own', () => {
    const heads = table([row({ peers }), row({ peers }), row({ peers: { bare: samples(1) } })]).filter((line) =>
      line.startsWith('case'),
    );
    expect(heads.length).to.equal(2);
  });
});
