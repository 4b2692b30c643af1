import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { patience } from '../e2e/bench.js';
import { softset as program, SmallLab } from './small-lab.js';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const text = readFileSync(root('docs/rules-tutorial.md'), 'utf8');
/** The tutorial's lab, and what this one is called. */
const said = 'n1';
const name = `tutorial-${process.pid}`;

/** Whatever the text has its reader type: an indented line, or words between backticks with more than the command's name. */
function commandsOf(markdown: string): string[] {
  const outside = markdown.replace(/^```[\s\S]*?^```$/gm, '');
  const lines = [...outside.matchAll(/^ {4}(softset .*)$/gm)].map(([, line = '']) => line);
  const inline = [...outside.matchAll(/`(softset [^`]*)`/g)].map(([, words = '']) => words.replace(/\s+/g, ' '));
  return [...lines, ...inline];
}

interface Said {
  readonly code: number | null;
  readonly out: string;
}

/** docs/rules-tutorial.md as its reader plays it: each command as it is written there, each file as it is shown there. */
describe('the tutorial, from nothing to N+1', function () {
  this.timeout(180_000 * patience);
  let folder = '';
  let lab: SmallLab | undefined;
  const typed = new Set<string>();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'softset-tutorial-'));
    cpSync(root('examples/n-plus-1'), folder, { recursive: true });
  });
  after(() => {
    down();
    rmSync(folder, { recursive: true, force: true });
  });

  const own = (command: string): string[] =>
    command
      .split(' ')
      .slice(1)
      .map((word) => (word === said ? name : word));

  function type(command: string): Said {
    typed.add(command);
    const done = spawnSync(process.execPath, [program, ...own(command)], {
      ...{ cwd: folder, encoding: 'utf8', timeout: 120_000 * patience },
    });
    return { code: done.status, out: `${done.stdout}${done.stderr}`.replaceAll(name, said) };
  }
  function well(command: string): string {
    const { code, out } = type(command);
    expect(code, `${command}\n${out}`).to.equal(0);
    return out;
  }
  /** Typed again and again, as somebody who waits does. */
  async function until(command: string, shows: RegExp, seconds = 40): Promise<string> {
    for (const endMs = performance.now() + seconds * 1000 * patience; ; await sleep(300)) {
      const { out } = type(command);
      if (shows.test(out)) return out;
      if (performance.now() > endMs) expect(out, command).to.match(shows);
    }
  }
  function down(): Said | undefined {
    if (lab === undefined) return undefined;
    lab.leave();
    lab = undefined;
    return type(`softset lab down --name ${said}`);
  }
  const rules = (of = folder): string => join(of, 'rules/media.yaml');
  function edit(from: string, to: string, of = folder): () => void {
    const before = readFileSync(rules(of), 'utf8');
    expect(before).to.include(from);
    writeFileSync(rules(of), before.replaceAll(from, to));
    return () => writeFileSync(rules(of), before);
  }

  it('shows the example as it is', () => {
    const plain = (yaml: string): string => yaml.replace(/ +#.*$/gm, '');
    const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = '']) => plain(yaml));
    expect(blocks).to.have.length(2);
    for (const block of blocks) expect(plain(readFileSync(rules(), 'utf8'))).to.include(block);
  });

  it('3: checks it, and a mistake has the place and the words that the text has', () => {
    const check = 'softset rules check --cluster chassis.yaml rules';
    well(check);
    const mend = edit('board.$board.state', 'board.$board.stat');
    const { code, out } = type(check);
    mend();
    expect(code).to.equal(1);
    const [, told = ''] = /^ {4}(rules\/media\.yaml:.*)$/m.exec(text) ?? [];
    expect(out).to.include(told);
  });

  it('4: tests it, and the first fails where the rule is another', () => {
    const test = 'softset rules test --cluster chassis.yaml rules';
    const lines = [...text.matchAll(/^ {4}(ok {6}.*|\d passed, .*)$/gm)].map(([, line = '']) => line);
    expect(lines).to.have.length(4);
    const out = well(test);
    for (const line of lines) expect(out).to.include(line);
    const mend = edit('for: 3s', 'for: 1s');
    const broken = type(test);
    mend();
    expect(broken.code).to.equal(1);
    expect(broken.out).to.match(/FAILED +one link lost moves to the spare after three seconds/);
  });

  it('5: asks what would happen', () => {
    const out = well(
      'softset rules simulate --cluster chassis.yaml rules --fact fault.link-failed.io-1:A=true --time 10s',
    );
    const [told = ''] = /^ {4}\+3\.000 s[^…]*/m.exec(text) ?? [];
    expect(out).to.include(told.trim());
    for (const line of ['$target: io-3 (io-3: chosen, load 0, the only fit one)', 'move media-1 io-3']) {
      expect(text).to.include(line);
      expect(out).to.include(line);
    }
  });

  it('6: lets it happen: the spare is taken, the second board is alarmed, healed all is well, and an operator moves it back', async () => {
    well(`softset lab up chassis.lab.yaml --name ${said}`);
    lab = SmallLab.attach(name);
    await lab.untilWell();
    expect(well(`softset status --lab ${said}`)).to.include('media.yaml');
    well(`softset lab fault link-down io-1:A --name ${said}`);
    await until(`softset service list --lab ${said}`, /media-1 .*io-3.*rule half linked/);
    // "Cut a link of io-2 as well".
    expect(lab.softset('lab', 'fault', 'link-down', 'io-2:A').code).to.equal(0);
    await until(`softset status --lab ${said}`, /NO_SPARE/);
    well(`softset lab heal --name ${said}`);
    await until(`softset status --lab ${said}`, /^no alarms$/m);
    await lab.untilWell();
    expect(well(`softset service list --lab ${said}`), 'nothing moves back by itself').to.match(/media-1 .*io-3/);
    well(`softset service move media-1 io-1 --lab ${said}`);
    expect(well(`softset service list --lab ${said}`)).to.match(/media-1 .*io-1/);
  });

  it('7: says why, and shows decisions as they are made', async () => {
    const out = well(`softset why media-1 --lab ${said}`);
    expect(out).to.include('rule half linked').and.include('media.yaml').and.include('move media-1 io-3: done');
    expect(out).to.include('fault.link-failed.io-1:A was true').and.include('io-3: chosen');
    const follow = `softset journal -f --lab ${said}`;
    typed.add(follow);
    const child = spawn(process.execPath, [program, ...own(follow)], { cwd: folder });
    let shown = '';
    child.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString();
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    for (const endMs = performance.now() + 20_000 * patience; !shown.includes('half linked'); await sleep(100))
      if (performance.now() > endMs) expect(shown, follow).to.include('half linked');
    child.kill('SIGINT');
    await ended;
  });

  it('8: is changed while it runs: a new revision, and what is broken is alarmed while the last good goes on', async () => {
    const dir = lab?.lab.dir ?? '';
    expect(well('softset lab status')).to.include(dir.replace(name, said));
    const [, revision = ''] = /\(([0-9a-f]{12})\)/.exec(well(`softset status --lab ${said}`)) ?? [];
    expect(revision).to.have.length(12);
    edit('for: 3s', 'for: 4s', dir);
    await until(`softset status --lab ${said}`, new RegExp(`\\((?!${revision})[0-9a-f]{12}\\)`));
    const mend = edit('board.$board.state', 'board.$board.stat', dir);
    expect(await until(`softset status --lab ${said}`, /RULES_INVALID/)).to.match(/media\.yaml:11:24/);
    mend();
    await until(`softset status --lab ${said}`, /^no alarms$/m);
  });

  it('8: replays last night: what would be done otherwise is named; and where nothing happened, the tests are a night', () => {
    const director = lab?.director ?? '';
    const replay = 'softset rules replay redirectd.journal --rules rules --cluster chassis.yaml';
    const journal = join(folder, 'redirectd.journal');
    cpSync(join(lab?.lab.dir ?? '', 'boards', director, 'state/redirectd.journal'), journal);
    well(replay);
    const other = edit('for: 3s', 'for: 1h');
    const differs = type(replay);
    other();
    expect(differs.code, differs.out).to.equal(1);
    expect(differs.out).to.include('only then: move media-1 io-3');
    rmSync(journal);
    well('softset rules test --cluster chassis.yaml rules --record redirectd.journal');
    well(replay);
  });

  it('ends as it began, and no command of the text was left out', () => {
    expect(down()?.code).to.equal(0);
    const missing = commandsOf(text).filter(
      (command) => !typed.has(command) && ![...typed].some((one) => one.startsWith(`${command} --`)),
    );
    expect(missing).to.deep.equal([]);
  });
});
