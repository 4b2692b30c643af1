import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { unwrap } from '@softset/base';
import { openNft } from '@softset/linux/nft.js';
import { type NftEvent, openNftMonitor } from '@softset/linux/nft-monitor.js';
import { expect } from 'chai';
import { inNamespace, suite } from './namespace.js';

suite('the nftables monitor', () => {
  inNamespace(import.meta.url, 'tells each transaction, its changes and who made it', async () => {
    const monitor = unwrap(openNftMonitor());
    const nft = unwrap(openNft());
    expect(monitor.read()).to.deep.equal([]);
    unwrap(nft.run('add table netdev softset; add set netdev softset held { type ipv4_addr; flags timeout; }'));
    const [made] = monitor.read();
    if (made?.kind !== 'transaction') throw new Error('no transaction');
    expect(made.pid).to.equal(process.pid);
    expect(made.process).to.match(/node|MainThread/);
    const in_ = { family: 'netdev', table: 'softset' } as const;
    expect(made.changes).to.deep.equal([
      { kind: 'table-added', ...in_, name: 'softset' },
      { kind: 'set-added', ...in_, name: 'held' },
    ]);
    unwrap(nft.run('add element netdev softset held { 192.168.1.10 timeout 5s }'));
    unwrap(
      nft.run(
        'delete element netdev softset held { 192.168.1.10 }; add element netdev softset held { 192.168.1.10 timeout 50ms }',
      ),
    );
    const kinds = (events: readonly NftEvent[]) =>
      events.map((event) => (event.kind === 'transaction' ? event.changes.map((change) => change.kind) : event.kind));
    expect(kinds(monitor.read())).to.deep.equal([['set-element-added'], ['set-element-deleted', 'set-element-added']]);
    await new Promise((wake) => setTimeout(wake, 150));
    expect(kinds(monitor.read()), 'an element that runs out does so in silence').to.deep.equal([]);

    nft.run('add chain netdev softset c; add rule netdev softset c accept');
    nft.run('delete element netdev softset held { 192.168.1.99 }');
    expect(kinds(monitor.read()), 'a refused transaction is none').to.deep.equal([['chain-changed', 'rule-changed']]);

    unwrap(nft.run('flush ruleset'));
    const [flushed] = monitor.read();
    if (flushed?.kind !== 'transaction') throw new Error('no transaction');
    expect(flushed.changes.map((change) => change.kind)).to.include.members(['set-deleted', 'table-deleted']);
    monitor.close();
  });

  inNamespace(import.meta.url, 'names another process', () => {
    const monitor = unwrap(openNftMonitor());
    const script = `import { openNft } from '@softset/linux/nft.js';
      const nft = openNft(); if (nft.ok) nft.value.run('add table inet theirs'); console.log(process.pid);`;
    const pid = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    });
    const [event] = monitor.read();
    expect(event).to.include({ kind: 'transaction', pid: Number(pid) });
  });
});
