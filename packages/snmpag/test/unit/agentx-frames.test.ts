import { decodePdu } from '@softset/snmpag/core/agentx/decode.js';
import { encodePdu } from '@softset/snmpag/core/agentx/encode.js';
import { AgentxFramer } from '@softset/snmpag/core/agentx/framer.js';
import type { Pdu } from '@softset/snmpag/core/agentx/pdu.js';
import { octetsOf } from '@softset/snmpag/core/octets.js';
import { expect } from 'chai';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.replaceAll(/[^0-9a-f]/g, '').match(/../g) ?? [], (h) => Number.parseInt(h, 16));
const head = { session: 0x11, transaction: 0x22, packet: 0x33 };
const big = { ...head, order: 'big' as const };
const little = { ...head, order: 'little' as const };
const ids = '00000011 00000022 00000033';
/** 1.3.6.1.4.1.8072 as `prefix` 4 and two more. */
const netSnmp = '02 04 00 00 00000001 00001f88';
const oid = [1, 3, 6, 1, 4, 1, 8072];

/** Written by hand from the RFC's figures. */
const frames: readonly (readonly [string, string, Pdu])[] = [
  [
    'Open, §6.2.1',
    `01 01 10 00 ${ids} 00000018 05 000000 ${netSnmp} 00000003 61 62 63 00`,
    { ...big, kind: 'open', timeoutS: 5, id: oid, description: 'abc' },
  ],
  ['Close, §6.2.2', `01 02 10 00 ${ids} 00000004 05 000000`, { ...big, kind: 'close', reason: 5 }],
  [
    'Register in a context, little-endian, §6.2.3',
    '01 03 08 00 11000000 22000000 33000000 18000000 04000000 696f2d31 00 7f 00 00 02 04 00 00 01000000 881f0000',
    {
      ...little,
      kind: 'register',
      context: 'io-1',
      timeoutS: 0,
      region: { subtree: oid, priority: 127 },
      instance: false,
    },
  ],
  [
    'Register of a range, §6.2.3',
    `01 03 11 00 ${ids} 00000014 00 7f 07 00 ${netSnmp} 00001f90`,
    {
      ...big,
      kind: 'register',
      timeoutS: 0,
      region: { subtree: oid, priority: 127, range: { at: 7, upper: 8080 } },
      instance: true,
    },
  ],
  [
    'Get, §6.2.5',
    `01 05 10 00 ${ids} 00000010 ${netSnmp} 00 00 00 00`,
    { ...big, kind: 'get', ranges: [{ start: oid, include: false, end: [] }] },
  ],
  [
    'GetBulk with include, §6.2.7',
    `01 07 10 00 ${ids} 00000018 0001 000a 02 04 01 00 00000001 00001f88 01 04 00 00 00000002`,
    {
      ...big,
      kind: 'get-bulk',
      nonRepeaters: 1,
      maxRepetitions: 10,
      ranges: [{ start: oid, include: true, end: [1, 3, 6, 1, 4, 2] }],
    },
  ],
  [
    'TestSet of −1, §6.2.8',
    `01 08 10 00 ${ids} 00000014 0002 0000 ${netSnmp} ffffffff`,
    { ...big, kind: 'test-set', varbinds: [{ name: oid, value: { type: 'integer', value: -1 } }] },
  ],
  ['CommitSet, §6.2.9', `01 09 10 00 ${ids} 00000000`, { ...big, kind: 'commit-set' }],
  [
    'Response with five kinds of values, §6.2.16',
    `01 12 10 00 ${ids} 0000006c 00000064 0000 0000
     0004 0000 ${netSnmp} 00000005 68656c6c 6f000000
     0040 0000 ${netSnmp} 00000004 0a010101
     0046 0000 ${netSnmp} 00000001 00000002
     0082 0000 ${netSnmp}
     0005 0000 00 00 00 00`,
    {
      ...big,
      kind: 'response',
      upTimeCs: 100,
      error: 0,
      index: 0,
      varbinds: [
        { name: oid, value: { type: 'octets', value: octetsOf('hello') } },
        { name: oid, value: { type: 'ip-address', value: Uint8Array.of(10, 1, 1, 1) } },
        { name: oid, value: { type: 'counter64', value: 0x1_0000_0002n } },
        { name: oid, value: { type: 'end-of-mib-view' } },
        { name: [], value: { type: 'null' } },
      ],
    },
  ],
];

describe('AgentX frames, byte by byte (RFC 2741 §5, §6)', () => {
  for (const [title, hex, pdu] of frames) {
    it(title, () => {
      expect(decodePdu(bytes(hex))).to.deep.equal({ ok: true, value: pdu });
      expect(Buffer.from(encodePdu(pdu)).toString('hex')).to.equal(Buffer.from(bytes(hex)).toString('hex'));
    });
  }

  const ping = `01 0d 10 00 ${ids} 00000000`;
  for (const [title, hex, code] of [
    ['nothing', '', 'AGENTX_SHORT'],
    ['half a header', ping.slice(0, 20), 'AGENTX_SHORT'],
    ['another version', ping.replace('01 0d', '02 0d'), 'AGENTX_VERSION'],
    ['an unknown type', ping.replace('01 0d', '01 13'), 'AGENTX_TYPE'],
    ['a payload that is longer than the header says', `${ping} 00000000`, 'AGENTX_LENGTH'],
    ['a payload that is shorter', `01 0d 10 00 ${ids} 00000004`, 'AGENTX_LENGTH'],
    ['a length that is no multiple of four', `01 0d 10 00 ${ids} 00000002 0000`, 'AGENTX_LENGTH'],
    ['a length beyond all sense', `01 0d 10 00 ${ids} fffffffc`, 'AGENTX_LENGTH'],
    ['an OID that runs past the end', `01 05 10 00 ${ids} 00000008 02 04 00 00 00000001`, 'AGENTX_MALFORMED'],
    [
      'an OID of more than 128',
      `01 11 10 00 ${ids} 00000204 7f 04 00 00 ${'00000001'.repeat(127)} 00000000`,
      'AGENTX_MALFORMED',
    ],
    [
      'an include that is neither no nor yes',
      `01 05 10 00 ${ids} 00000008 00 00 02 00 00 00 00 00`,
      'AGENTX_MALFORMED',
    ],
    ['a range without its end', `01 05 10 00 ${ids} 00000004 00 00 00 00`, 'AGENTX_MALFORMED'],
    ['an octet string that runs past the end', `01 0d 18 00 ${ids} 00000008 00000005 61626364`, 'AGENTX_MALFORMED'],
    [
      'an IpAddress of five',
      `01 0c 10 00 ${ids} 00000014 0040 0000 00 00 00 00 00000005 0a010101 01000000`,
      'AGENTX_MALFORMED',
    ],
    ['a value of an unknown type', `01 0c 10 00 ${ids} 00000008 0045 0000 00 00 00 00`, 'AGENTX_MALFORMED'],
    ['bytes behind the last field', `01 02 10 00 ${ids} 00000008 05 000000 00000000`, 'AGENTX_MALFORMED'],
  ] as const) {
    it(`refuses ${title}: ${code}`, () => {
      expect(decodePdu(bytes(hex))).to.include({ ok: false, code });
    });
  }

  it('takes two PDUs out of one read, and half of a third waits', () => {
    const framer = new AgentxFramer();
    const one = bytes(ping);
    const cut = framer.push(Uint8Array.of(...one, ...one, ...one.slice(0, 7)));
    expect(cut).to.deep.equal({ ok: true, value: [one, one] });
    expect(framer.pendingBytes).to.equal(7);
    expect(framer.push(one.slice(7))).to.deep.equal({ ok: true, value: [one] });
  });

  it('a stream that cannot be read stays so: no later bytes are taken for a PDU', () => {
    const framer = new AgentxFramer();
    expect(framer.push(bytes(`01 0d 10 00 ${ids} 00000003`))).to.include({ ok: false, code: 'AGENTX_LENGTH' });
    expect(framer.push(bytes(ping))).to.include({ ok: false, code: 'AGENTX_LENGTH' });
    expect(framer.pendingBytes).to.equal(0);
  });
});
