import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { patience } from './bench.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'packages/cli/bin/softset.js');
const example = join(root, 'examples/n-plus-1');
const name = `e2e-rules-${process.pid}`;

function softset(...args: string[]) {
  const done = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** The tutorial, on a whole chassis with real daemons. */
describe('rules files in a lab: the N+1 of the tutorial', function () {
  this.timeout(240_000 * patience);
  let dir = '';
  after(() => void softset('lab', 'down', '--name', name));

  const services = (): string => softset('service', 'list', '--lab', name).out;
  async function until(what: string, is: () => boolean, limitMs = 60_000): Promise<void> {
    for (const endMs = performance.now() + limitMs * patience; !is(); await sleep(300)) {
      if (performance.now() > endMs)
        expect.fail(`${what}: not in time\n${softset('status', '--lab', name).out}\n${services()}`);
    }
  }
  const alarmed = (words: string): boolean =>
    softset('status', '--lab', name).out.replaceAll(/\s+/g, ' ').includes(words);

  it('comes up, and the services are where their pools begin', async () => {
    const up = softset('lab', 'up', join(example, 'chassis.lab.yaml'), '--name', name, '--json');
    expect(up.code, up.err).to.equal(0);
    dir = (JSON.parse(up.out) as { dir: string }).dir;
    expect(existsSync(join(dir, 'rules/media.yaml'))).to.equal(true);
    await until('services', () => /media-1 +io-1 +held/.test(services()) && /media-2 +io-2 +held/.test(services()));
  });

  it('a board that lost a link gives what it holds to the spare, and why names the rule and its facts', async () => {
    expect(softset('lab', 'fault', 'link-down', 'io-1:A', '--name', name).code).to.equal(0);
    await until('a move', () => /media-1 +io-3 +held .*rule half linked/.test(services()));
    const { out } = softset('why', '192.168.1.1', '--lab', name);
    expect(out).to.include('media-1 moved from io-1 to io-3: rule half linked');
    expect(out).to.include('because fault.link-failed.io-1:A was true');
    expect(out).to.include('$target: io-3');
  });

  it('the second board finds the spare taken: an alarm, and nothing lost; healed, the alarm goes', async () => {
    softset('lab', 'fault', 'link-down', 'io-2:B', '--name', name);
    await until('an alarm', () => alarmed('NO_SPARE'));
    expect(services()).to.match(/media-2 +io-2 +held/);
    softset('lab', 'heal', '--name', name);
    await until('it to clear', () => !alarmed('NO_SPARE'));
    expect(services()).to.match(/media-1 +io-3 +held/);
  });

  it('a broken file is alarmed on every board, and the last good rules go on', async () => {
    const file = join(dir, 'rules/media.yaml');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace('for: 3s', 'fro: 3s'));
    await until('an alarm', () => alarmed('RULES_INVALID'));
    writeFileSync(file, good);
    await until('it to clear', () => !alarmed('RULES_INVALID'));
  });

  it('replay of what was journaled finds no difference, and names those of another file', () => {
    const journals = readdirSync(join(dir, 'boards')).map((board) =>
      join(dir, 'boards', board, 'state/redirectd.journal'),
    );
    const decided = journals.filter(
      (file) => existsSync(file) && readFileSync(file, 'utf8').includes('"rules-decided"'),
    );
    expect(decided).to.not.deep.equal([]);
    for (const journal of decided) {
      const rules = ['--rules', join(example, 'rules'), '--cluster', join(example, 'chassis.yaml')];
      const same = softset('rules', 'replay', journal, ...rules);
      expect(same.out, same.err).to.include(' 0 differences');
    }
  });

  it('simulate begins with what the lab sees now', () => {
    const { out, err } = softset(
      'rules',
      'simulate',
      join(example, 'rules'),
      '--lab',
      name,
      '--fact',
      'fault.link-failed.io-2:A=true',
    );
    expect(out, err).to.include('no spare');
  });
});
