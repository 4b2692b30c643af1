import { readReport } from '@softset/cli/bench/dhcp/perfdhcp.js';
import { expect } from 'chai';

/** As perfdhcp 2.2.0 wrote it, shortened. */
const report = `Running: perfdhcp -4 -l eth0 --scenario avalanche -R 2 -x t 10.1.1.20
***Rate statistics***
Rate: 181.252 4-way exchanges/second, expected rate: 200

***Statistics for: DISCOVER-OFFER***
sent packets: 4
received packets: 3
drops: 1

min delay: 0.098 ms
avg delay: 0.647 ms
max delay: 2.539 ms

***Statistics for: REQUEST-ACK***
sent packets: 3
received packets: 2

min delay: 0.160 ms
avg delay: 0.575 ms

***Timestamps for packets: DISCOVER-OFFER***
sent / received: 000000.000439 / 000009.001756

***Timestamps for packets: REQUEST-ACK***
sent / received: 000000.002815 / 000001.003074
sent / received: 000000.002189 / 000000.002749
`;

describe('bench: what perfdhcp says', () => {
  it('the rate, the delay of a whole exchange, and when the last board was bound', () => {
    expect(readReport(report)).to.deep.equal({ rate: 181.252, delayMs: 0.647 + 0.575, lastMs: 1003.074, acks: 2 });
  });

  it('nobody was answered: no delay', () => {
    const silent = report.replaceAll(/avg delay: .*/g, 'avg delay: n/a').replace(/^sent \/ received: .*$/gm, '');
    expect(readReport(silent)).to.include({ delayMs: undefined, lastMs: undefined });
  });

  it('something else than a report', () => {
    expect(readReport('perfdhcp: no such interface')).to.equal(undefined);
  });
});
