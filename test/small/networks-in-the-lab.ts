import { expect } from 'chai';
import { patience, until } from '../e2e/bench.js';
import type { SmallLab } from './small-lab.js';

/** The issue's own example; that A is preferred again when it is over, too. */
export const uplinkRules = `
version: 1
rules:
  - name: uplink errors
    when: { any: [ "snmp.switch-a.ifInErrors.12 rate 30s > 50", "snmp.switch-a.ifOperStatus.12 is down" ] }
    for: 1s
    clear_after: 1s
    do: [ prefer-network: B ]
    on_clear: [ prefer-network: A ]
`;

/** Addresses of media-2, and who answers for them. */
const addresses = ['192.168.1.2', '2001:db8::2'];

/**
 * An address moves within its board (002 ¶0049): because its link is lost, or because a rule or an operator prefers the
 * other network. `answers` asks as a client does, that who held it before still does, and alone.
 */
export function networksInTheLab(lab: () => SmallLab, answers: (board: string) => Promise<void>): void {
  const holder = (): string => lab().holders('media-2');

  // Not on the board that asks.
  before(async () => {
    if (holder() !== 'io-2') expect(lab().softset('service', 'move', 'media-2', 'io-2').code).to.equal(0);
    await until('media-2 is on io-2', () => (holder() === 'io-2' ? true : undefined));
  });

  afterEach(async () => void (await lab().lab.heal()));

  /** `a0 a0`: the devices on which the kernel has them, one for each address. */
  async function devices(board: string): Promise<string> {
    const { stdout } = await lab().lab.exec(board, ['ip', '-o', 'addr', 'show']);
    const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    const on = (address: string): string =>
      lines
        .filter((words) => words[3]?.split('/')[0] === address)
        .map((words) => words[1])
        .join('+');
    return addresses.map(on).join(' ');
  }
  const stand = (wanted: string) =>
    until(`media-2 stands on ${wanted}`, async () => ((await devices(holder())) === wanted ? true : undefined)).catch(
      async (error: Error) => expect.fail(`${error.message}, but on ${await devices(holder())}`),
    );
  /** What the agent of switch-a says now, told to all boards as SNMP/ag tells it. */
  async function uplink(ifOperStatus: 'up' | 'down'): Promise<void> {
    const values = { 'ifOperStatus.12': ifOperStatus, 'ifInErrors.12': 1000 };
    for (const { name } of lab().lab.topology.boards) {
      const told = await lab().witness(name).redirect.call('snmpFacts', { agent: 'switch-a', values });
      expect(told.ok, name).to.equal(true);
    }
  }
  const preferred = (): boolean => lab().softset('status').out.includes('network B is preferred');

  it('an address moves to network B within its board when its link to A is lost, and back when it is there again', async () => {
    const board = holder();
    await stand('a0 a0');
    await lab().lab.fault('link-down', `${board}:A`);
    await stand('b0 b0');
    await answers(board);
    await lab().lab.heal();
    await lab().untilWell();
    await stand('a0 a0');
    await answers(board);
  });

  it('a rule prefers network B: all addresses move there with nobody moving, and back when it is over', async () => {
    const board = holder();
    await uplink('up');
    await uplink('down');
    await stand('b0 b0');
    await answers(board);
    const alarm = await until('PREFERRED_BY_RULE', () => lab().alarm('PREFERRED_BY_RULE', 'network/B'));
    expect(alarm.text).to.include('rule "uplink errors" prefers network B');
    expect(preferred(), 'status says so').to.equal(true);
    await until('the way to every board is B', () =>
      lab().state?.boards.every(({ verdict, path }) => verdict === 'self' || path === 'B') ? true : undefined,
    );
    await uplink('up');
    await stand('a0 a0');
    await until('no alarm of it', () => (lab().alarm('PREFERRED_BY_RULE') === undefined ? true : undefined));
    expect(preferred()).to.equal(false);
    expect(holder()).to.equal(board);
    await answers(board);
  });

  it('an operator prefers network B, and a network that there is not is refused', async () => {
    const { code, err } = lab().softset('network', 'prefer', 'C');
    expect(code).to.equal(1);
    expect(err).to.include('no network "C"; known: A, B');
    expect(lab().softset('network', 'prefer', 'B').out).to.include('network B is preferred');
    await stand('b0 b0');
    expect(lab().softset('network', 'prefer', 'A').code).to.equal(0);
    await stand('a0 a0');
    await answers(holder());
  }).timeout(60_000 * patience);
}
