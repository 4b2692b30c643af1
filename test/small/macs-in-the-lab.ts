import { expect } from 'chai';
import { until } from '../e2e/bench.js';
import type { SmallLab } from './small-lab.js';

/** A service whose MAC moves along. */
export const wander = { service: 'wander', address: '192.168.1.5', mac: '02:5f:00:00:00:01', boards: ['io-1', 'io-3'] };

/** An address moves with its MAC (002 ¶0051): neighbours have nothing to learn, and switches learn another port. */
export function macsInTheLab(lab: () => SmallLab, answers: (board: string) => Promise<void>): void {
  const holder = (): string => lab().holders(wander.service);
  const said = async (place: string, ...command: string[]): Promise<string> =>
    (await lab().lab.exec(place, command)).stdout;
  /** By which port switch-a reaches it. */
  const port = async (): Promise<string | undefined> => {
    const table = await said('switch-a', 'bridge', 'fdb', 'show');
    const line = table.split('\n').find((one) => one.startsWith(wander.mac));
    return /dev (\S+)/.exec(line ?? '')?.[1];
  };
  const known = (): Promise<string> => said('ctl', 'ip', 'neigh', 'show', wander.address);

  it('a service with a MAC of its own: the router knows it by that, and the board by its own', async () => {
    const board = await until('a holder', () => (holder() === '-' ? undefined : holder()));
    await answers(board);
    await until(`switch-a reaches it by ${board}`, async () => ((await port()) === board ? true : undefined));
    expect(await said(board, 'ip', '-o', 'addr', 'show', 'to', wander.address)).to.include('a-025f00000001');
  });

  it('it moves: the switch follows at once, nobody has to learn, and private addresses answer as before', async () => {
    const [from, to] = holder() === 'io-1' ? ['io-1', 'io-3'] : ['io-3', 'io-1'];
    const privately = ['10.1.1.11', '10.1.1.13'];
    for (const address of privately)
      expect(await said('ctl', 'ping', '-c1', '-W1', address)).to.include(' 0% packet loss');
    const before = await known();
    expect(lab().softset('service', 'move', wander.service, to).code).to.equal(0);
    await until(`switch-a reaches it by ${to}`, async () => ((await port()) === to ? true : undefined));
    await answers(to);
    for (const entry of [before, await known()].filter((one) => one !== '')) expect(entry).to.include(wander.mac);
    for (const address of privately)
      expect(await said('ctl', 'ping', '-c1', '-W1', address)).to.include(' 0% packet loss');
    expect(await said(from, 'ip', '-o', 'addr', 'show', 'dev', 'a-025f00000001')).to.equal('');
  });
}
