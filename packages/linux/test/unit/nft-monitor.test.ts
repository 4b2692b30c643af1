import { attribute, attributeText, decodeMessages, encodeMessage } from '@softset/linux/netlink-message.js';
import { NftTransactions } from '@softset/linux/nft-monitor.js';
import { expect } from 'chai';
import fc from 'fast-check';

const header = (family: number): Uint8Array => new Uint8Array([family, 0, 0, 0]);
const message = (number: number, family: number, ...attributes: Uint8Array[]): Uint8Array =>
  encodeMessage((10 << 8) | number, 0, 0, header(family), ...attributes);
const generation = message(15, 0, attribute(2, new Uint8Array([0, 0, 0x12, 0x67])), attributeText(3, 'nft'));

describe('nftables notifications', function () {
  this.timeout(30_000); // A loaded machine is slow, not wrong.
  it('are put together into the transaction of a process', () => {
    const sample = [
      message(2, 5, attributeText(1, 'softset')),
      message(14, 1, attributeText(1, 't'), attributeText(2, 's')),
      message(18, 2, attributeText(1, 't'), attributeText(2, 'counter')),
      generation,
    ];
    const transactions = new NftTransactions();
    const events = decodeMessages(Uint8Array.from(Buffer.concat(sample))).map((each) => transactions.take(each));
    expect(events.slice(0, 3)).to.deep.equal([undefined, undefined, undefined]);
    expect(events[3]).to.deep.equal({
      kind: 'transaction',
      changes: [
        { kind: 'table-deleted', family: 'netdev', table: 'softset', name: 'softset' },
        { kind: 'set-element-deleted', family: 'inet', table: 't', name: 's' },
        { kind: 'ruleset-changed', family: 'ip', table: 't', name: 'counter' },
      ],
      pid: 0x1267,
      process: 'nft',
    });
  });

  it('of an endless transaction are kept up to a limit', () => {
    const transactions = new NftTransactions();
    const [one] = decodeMessages(message(12, 5, attributeText(1, 't'), attributeText(2, 's')));
    const [end] = decodeMessages(generation);
    if (one === undefined || end === undefined) throw new Error('two samples');
    for (let i = 0; i < 5000; i++) transactions.take(one);
    const event = transactions.take(end);
    expect(event?.kind === 'transaction' && event.changes.length).to.equal(1024);
    expect(event?.kind === 'transaction' && event.changes.at(-1)?.kind).to.equal('ruleset-changed');
    for (let i = 0; i < 5; i++) transactions.take(one);
    expect(transactions.lost()).to.deep.equal({ kind: 'overrun' });
    expect(transactions.take(end)).to.deep.include({ changes: [] });
  });

  it('never throw, whatever comes', () => {
    const sample = Buffer.concat([message(12, 5, attributeText(1, 'softset'), attributeText(2, 'held')), generation]);
    const changes = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(changes, fc.nat(sample.length), (edits, length) => {
        const copy = Uint8Array.from(sample.subarray(0, length));
        for (const [at, value] of edits) if (at < copy.length) copy[at] = value;
        const transactions = new NftTransactions();
        for (const each of decodeMessages(copy)) transactions.take(each);
      }),
      { numRuns: 2000 },
    );
  });
});
