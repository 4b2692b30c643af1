import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unwrap } from '@softset/base';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { worldOf } from '@softset/redirect/core/rules/world.js';
import { loadRules, toldLine } from '@softset/redirect/rules/load.js';
import { runTests } from '@softset/redirect/rules/run-tests.js';
import { expect } from 'chai';

const folder = fileURLToPath(new URL('../../../../../examples/failover-rules', import.meta.url));
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const cluster = unwrap(parseClusterFile(read('../rules-cluster.yaml'), 'rules-cluster.yaml'));
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

async function failures(file: string, text: string): Promise<string[]> {
  const { told, set } = loadRules([{ name: file, text }], worldOf(cluster));
  if (set === undefined) throw new Error(told.map(toldLine).join('\n'));
  expect(told.map(toldLine)).to.deep.equal([]);
  expect(set.tests.length).to.be.greaterThan(0);
  return (await runTests(set)).flatMap(({ test, failure }) =>
    failure === undefined ? [] : [`${test.name}: ${failure}`],
  );
}

/** What somebody might do to an example, and be told by its own tests. */
const breakages: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  '2n-gateway.yaml': [
    ['changes 1m > 6', 'changes 1m > 5'],
    ['for: 2s', 'for: 0s'],
    ['      - move: { service: gateway, to: $target }\n', ''],
    ['clear_after: 5m', 'clear_after: 1s\n    limit: none'],
    ['{ not: board.$board.state is up }', '{ not: board.$board.state is down }'],
    ['for: 10s', 'for: 1s'],
  ],
  'n+1-media.yaml': [
    ['board.$board.state is down', 'board.$board.state is silent'],
    ['        - board.$board.maintenance is false\n', ''],
    ['        - board.$board.holds > 0\n', ''],
    ['from: $board', 'service: media-2'],
    [
      'members: [io-1, io-2], spares: [io-3], policy: n+1',
      'members: [io-1, io-2], spares: [io-3], policy: n+1, capacity: 2',
    ],
    ['clear_after: 5s', 'clear_after: 5m'],
    ['is stalled\n    for: 2s', 'is stalled\n    for: 0s'],
  ],
  'n+m-load.yaml': [
    ['least-loaded', 'order'],
    ['capacity: 2', 'capacity: 3'],
    ['health >= 5', 'health >= 7'],
    ['for: 10s', 'for: 1s'],
    ['    on_clear: [activate: $board]\n', ''],
    ['drain: $board', 'activate: $board'],
  ],
  'uplink-errors.yaml': [
    ['> 50', '> 49'],
    ['ifOperStatus.12 is down', 'ifOperStatus.12 is up'],
    ['for: 2s', 'for: 0s'],
    ['    on_clear:\n      - prefer-network: A\n', ''],
    ['is unknown', 'is down'],
  ],
  'dying-program.yaml': [
    ['over 10s >= 3', 'over 10s >= 2'],
    ['over 10s >= 3', 'over 1m >= 3'],
    ['        - service.media-1.holder is $board\n', ''],
    ['pool of media-1', 'peer of $board'],
    ['      - run: { command: page, args: ["echo dies everywhere"] }\n', ''],
  ],
};

describe('rules: the shipped examples', () => {
  it('all have breakages here', () => {
    expect(files.sort()).to.deep.equal(Object.keys(breakages).sort());
  });

  it('are good together: a directory with all of them is loaded', () => {
    const texts = files.map((name) => ({ name, text: read(name) }));
    expect(loadRules(texts, worldOf(cluster)).told.map(toldLine)).to.deep.equal([]);
  });

  for (const [file, edits] of Object.entries(breakages)) {
    it(`${file}: its tests pass`, async () => {
      expect(await failures(file, read(file))).to.deep.equal([]);
    });
    for (const [from, to] of edits) {
      it(`${file}: is told by its tests where "${from.trim().slice(0, 40)}" is "${to.trim().slice(0, 40)}"`, async () => {
        const text = read(file);
        expect(text).to.include(from);
        expect(await failures(file, text.replace(from, to))).to.not.deep.equal([]);
      });
    }
  }
});
