import { expect } from 'chai';
import { until } from '../e2e/bench.js';
import type { SmallLab } from './small-lab.js';

const words = ['stop', 'start', 'restart'] as const;
type Word = (typeof words)[number];
const board = 'io-3';

/** What the agent of switch-b is said to say has a program of io-3 stopped, started, restarted. */
export const programRules = words
  .map(
    (word) => `  - name: told to ${word}
    when: snmp.switch-b.told.1 is ${word}
    do: [ ${word}: { program: tcp, on: ${board} } ]
`,
  )
  .join('');

/** A rule orders a program of a board that does not direct, or does: NETRACK carries it to that board's psrmd. */
export function programsInTheLab(lab: () => SmallLab): void {
  const tell = async (told: string): Promise<void> => {
    for (const { name } of lab().lab.topology.boards) {
      const done = await lab()
        .witness(name)
        .redirect.call('snmpFacts', { agent: 'switch-b', values: { 'told.1': told } });
      expect(done.ok, name).to.equal(true);
    }
  };
  const is = (wanted: string) =>
    until(`tcp on ${board} is ${wanted}`, () =>
      lab()
        .state?.boards.find(({ name }) => name === board)
        ?.programs.some(({ program, state }) => program === 'tcp' && state === wanted)
        ? true
        : undefined,
    ).catch((error: Error) => {
      const told = words.map((word) => lab().softset('why', 'rule', `told to ${word}`).out);
      expect.fail(`${error.message}; ${lab().softset('psrm', 'why', 'tcp', '--board', board).out}${told.join('\n')}`);
    });
  const pid = async (): Promise<number | undefined> => {
    const told = await lab().witness(board).psrm.call('status', {});
    return told.ok ? told.value.programs.find(({ program }) => program === 'tcp')?.pid : undefined;
  };
  /** One step of the rule's plan was done; its own words for it. */
  const done = (word: Word) =>
    until(`the journal has that ${word} was done`, () =>
      lab().softset('why', 'rule', `told to ${word}`).out.includes(`${word} tcp ${board}: done`) ? true : undefined,
    );

  it('a program is stopped and started again by rules, and each says why', async () => {
    await is('ready');
    await tell('stop');
    await is('stopped');
    await done('stop');
    await tell('start');
    await is('ready');
    await done('start');
  });

  it('a program is restarted by a rule: another process, ready again', async () => {
    const before = await pid();
    await tell('restart');
    await done('restart');
    await is('ready');
    expect(await pid()).to.not.equal(before);
    await tell('nothing');
  });
}
