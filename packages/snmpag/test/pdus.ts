import type { Body, Pdu } from '@softset/snmpag/core/agentx/pdu.js';
import type { Value, Varbind } from '@softset/snmpag/core/agentx/value.js';
import fc from 'fast-check';

/** Any PDU that the types allow and the fields hold, in both byte orders. */
const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const oid = fc.oneof(
  fc.array(u32, { maxLength: 12 }),
  fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }).map((rest) => [1, 3, 6, 1, ...rest]),
  fc.array(u32, { minLength: 128, maxLength: 128 }),
);
const octets = fc.uint8Array({ maxLength: 40 });
const text = octets.map((bytes) => String.fromCharCode(...bytes));
export const value: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ type: fc.constant('integer' as const), value: fc.integer() }),
  fc.record({ type: fc.constantFrom('octets' as const, 'opaque' as const), value: octets }),
  fc.record({ type: fc.constant('ip-address' as const), value: fc.uint8Array({ minLength: 4, maxLength: 4 }) }),
  fc.record({ type: fc.constant('oid' as const), value: oid }),
  fc.record({ type: fc.constantFrom('counter32' as const, 'gauge32' as const, 'time-ticks' as const), value: u32 }),
  fc.record({ type: fc.constant('counter64' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record({
    type: fc.constantFrom(
      'null' as const,
      'no-such-object' as const,
      'no-such-instance' as const,
      'end-of-mib-view' as const,
    ),
  }),
);
const varbinds: fc.Arbitrary<Varbind[]> = fc.array(fc.record({ name: oid, value }), { maxLength: 4 });
const ranges = fc.array(fc.record({ start: oid, include: fc.boolean(), end: oid }), { maxLength: 4 });
const region = fc.record(
  { subtree: oid, priority: u8, range: fc.record({ at: fc.integer({ min: 1, max: 255 }), upper: u32 }) },
  { requiredKeys: ['subtree', 'priority'] },
);
const kind = <K extends Body['kind']>(...kinds: readonly [K, ...K[]]) => fc.constantFrom(...kinds);
const inContext = (body: fc.Arbitrary<object>): fc.Arbitrary<Body> =>
  fc
    .tuple(body, fc.option(text))
    .map(([fields, context]) => (context === null ? fields : { ...fields, context }) as Body);

const body: fc.Arbitrary<Body> = fc.oneof(
  fc.record({ kind: kind('open'), timeoutS: u8, id: oid, description: text }),
  fc.record({ kind: kind('close'), reason: u8 }),
  inContext(fc.record({ kind: kind('register'), timeoutS: u8, region, instance: fc.boolean() })),
  inContext(fc.record({ kind: kind('unregister'), region })),
  inContext(fc.record({ kind: kind('get', 'get-next'), ranges })),
  inContext(fc.record({ kind: kind('get-bulk'), nonRepeaters: u16, maxRepetitions: u16, ranges })),
  inContext(fc.record({ kind: kind('test-set', 'notify'), varbinds })),
  fc.record({ kind: kind('commit-set', 'undo-set', 'cleanup-set') }) as fc.Arbitrary<Body>,
  inContext(fc.record({ kind: kind('ping') })),
  inContext(
    fc.record({
      kind: kind('index-allocate', 'index-deallocate'),
      varbinds,
      newIndex: fc.boolean(),
      anyIndex: fc.boolean(),
    }),
  ),
  inContext(fc.record({ kind: kind('add-agent-caps'), id: oid, description: text })),
  inContext(fc.record({ kind: kind('remove-agent-caps'), id: oid })),
  fc.record({ kind: kind('response'), upTimeCs: u32, error: u16, index: u16, varbinds }),
);

export const pdu: fc.Arbitrary<Pdu> = fc
  .tuple(
    fc.record({
      session: u32,
      transaction: u32,
      packet: u32,
      order: fc.constantFrom('big' as const, 'little' as const),
    }),
    body,
  )
  .map(([head, fields]) => ({ ...head, ...fields }));
