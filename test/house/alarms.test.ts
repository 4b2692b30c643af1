import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alarmGuide } from '@softset/protocol/alarms.js';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));
const daemons = ['netrack', 'psrm', 'redirect', 'geodhcp', 'snmpag', 'protocol'];
/** The guide itself, and the sample of an alarm that an application raises. */
const others = ['protocol/src/alarms.ts', 'netrack/src/described.ts'];

const sources = daemons.flatMap((name) =>
  readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${name}/src/${file}`)
    .filter((file) => !others.includes(file))
    .map((file) => ({ file, text: readFileSync(join(root, 'packages', file), 'utf8') })),
);

/** Where an alarm is raised its cause has the type AlarmCause; this finds what slips past the types. */
describe('the guide to alarms', () => {
  it('has every cause that a daemon names', () => {
    const unknown = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\bcause: '([A-Z][A-Z0-9_]+)'/g)]
        .map(([, cause = '']) => cause)
        .filter((cause) => !Object.hasOwn(alarmGuide, cause))
        .map((cause) => `${file}: ${cause}`),
    );
    expect(unknown).to.deep.equal([]);
  });

  it('has none that no daemon raises', () => {
    const idle = Object.keys(alarmGuide).filter((cause) => sources.every(({ text }) => !text.includes(`'${cause}'`)));
    expect(idle).to.deep.equal([]);
  });

  it('is in the handbook, each with what to do', () => {
    const page = readFileSync(join(root, 'docs/man/softset-handbook.7.md'), 'utf8');
    for (const [cause, { what, todo }] of Object.entries(alarmGuide)) {
      expect(page).to.contain(`| \`${cause}\` | ${what} | ${todo} |`);
      expect(what, cause).to.not.equal('');
      expect(todo, cause).to.not.equal('');
    }
  });
});
