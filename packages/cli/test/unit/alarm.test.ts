import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { adviceOn } from '@softset/cli/alarm/advice.js';
import { alarmLines } from '@softset/cli/alarm/command.js';
import type { Alarm } from '@softset/protocol';
import { alarmGuide, withAlarmTable } from '@softset/protocol/alarms.js';
import { expect } from 'chai';
import { well } from './state.js';

const softset = fileURLToPath(new URL('../../bin/softset.js', import.meta.url));
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  object: 'service/web',
  cause: 'NO_BOARD',
  severity: 'critical',
  text: 'web is held by nobody: no board of its pool is up',
  raisedAtMs: 1_000,
  raisedBy: 1,
  ...more,
});
const explain = (...words: string[]) =>
  spawnSync(process.execPath, [softset, 'alarm', 'explain', ...words], { encoding: 'utf8' });

describe('softset alarm', () => {
  it('says what to do with the names of the very service, program or board', () => {
    expect(adviceOn(alarm())).to.match(/^softset service explain web says/);
    const program = alarm({ cause: 'PROGRAM_GIVEN_UP', object: 'program/idle@cpu-1' });
    expect(adviceOn(program)).to.equal(
      'softset psrm why idle and softset psrm log idle there; then softset psrm start idle',
    );
    expect(adviceOn(alarm({ cause: 'FENCED', object: 'board/io-1' }))).to.contain('softset board unfence io-1');
    expect(adviceOn(alarm({ cause: 'FAN_FAILED', object: 'shelf/1' }))).to.contain('a rule of yours raised it');
    expect(adviceOn(alarm({ cause: 'constructor' }))).to.contain('a rule of yours');
  });

  it('lists those that stand in 80 columns, each with what to do', () => {
    const lines = alarmLines([alarm(), alarm({ cause: 'NO_SPARE', severity: 'minor' })], well(), 62_000);
    expect(lines[0]).to.equal('critical NO_BOARD of service/web, since 61 s, seen by cpu-1');
    expect(lines.filter((line) => line.startsWith('  -> '))).to.have.length(2);
    expect(Math.max(...lines.map((line) => line.length))).to.be.at.most(80);
    expect(alarmLines([], well(), 0)).to.deep.equal(['no alarms']);
  });

  it('explains one, or all, without asking a daemon', () => {
    expect(explain('no_board').stdout).to.match(/^NO_BOARD\n {2}no board can hold the service/);
    const all = explain().stdout;
    for (const cause of Object.keys(alarmGuide)) expect(all).to.contain(`${cause}\n`);
    expect(all).to.not.contain('`');
    expect(Object.keys(JSON.parse(explain('--json').stdout) as object)).to.deep.equal(Object.keys(alarmGuide));
    expect(explain('FAN_FAILED')).to.include({ status: 1, stdout: '' });
  });

  it('has a table for the handbook, and puts it where the old one is', () => {
    const page = 'a\n\n## Alarms, and what to do\n\nwords\n\n| a | b |\n| --- | --- |\n| c | d |\n\n## Next\n\n| e |\n';
    const made = withAlarmTable(page);
    expect(made).to.contain('| `NO_BOARD` | no board').and.to.not.contain('| c | d |');
    expect(made)
      .to.match(/^a\n\n## Alarms, and what to do\n\nwords\n\n\| alarm/)
      .and.match(/\n\n## Next\n\n\| e \|\n$/);
    expect(withAlarmTable(made)).to.equal(made);
    expect(() => withAlarmTable('## Alarms\n\nnone\n')).to.throw('no table');
  });
});
