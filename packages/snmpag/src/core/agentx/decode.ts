import { fail, ok, type Result } from '@softset/base';
import { textOf } from '../octets.js';
import {
  AGENTX_VERSION,
  type Body,
  FLAG,
  HEAD_BYTES,
  type Head,
  PAYLOAD_BYTES_MAX,
  PDU_KINDS,
  type Pdu,
  type Region,
} from './pdu.js';
import { AgentxReader } from './reader.js';

export type DecodeError = 'AGENTX_SHORT' | 'AGENTX_VERSION' | 'AGENTX_LENGTH' | 'AGENTX_TYPE' | 'AGENTX_MALFORMED';

export interface DecodedHead extends Head {
  readonly type: number;
  readonly flags: number;
  readonly payloadBytes: number;
}

/** The first 20 bytes (RFC 2741 §6.1). Errors: `AGENTX_SHORT`, `AGENTX_VERSION`, `AGENTX_LENGTH`. */
export function decodeHead(bytes: Uint8Array): Result<DecodedHead, DecodeError> {
  if (bytes.length < HEAD_BYTES) return fail('AGENTX_SHORT', `${bytes.length} bytes; a header has ${HEAD_BYTES}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
  const version = view.getUint8(0);
  if (version !== AGENTX_VERSION) return fail('AGENTX_VERSION', `AgentX version ${version}; this is ${AGENTX_VERSION}`);
  const flags = view.getUint8(2);
  const little = (flags & FLAG.networkOrder) === 0;
  const payloadBytes = view.getUint32(16, little);
  if (payloadBytes > PAYLOAD_BYTES_MAX || payloadBytes % 4 !== 0) {
    return fail('AGENTX_LENGTH', `a payload of ${payloadBytes} bytes; fours, up to ${PAYLOAD_BYTES_MAX}, are allowed`);
  }
  return ok({
    type: view.getUint8(1),
    flags,
    payloadBytes,
    session: view.getUint32(4, little),
    transaction: view.getUint32(8, little),
    packet: view.getUint32(12, little),
    order: little ? 'little' : 'big',
  });
}

/** Reads one whole PDU from untrusted bytes; never throws. Errors: those of `decodeHead`, `AGENTX_TYPE`, `AGENTX_MALFORMED`. */
export function decodePdu(bytes: Uint8Array): Result<Pdu, DecodeError> {
  const head = decodeHead(bytes);
  if (!head.ok) return head;
  const { type, flags, payloadBytes, session, transaction, packet, order } = head.value;
  if (bytes.length !== HEAD_BYTES + payloadBytes) {
    return fail('AGENTX_LENGTH', `${bytes.length - HEAD_BYTES} bytes of payload; the header says ${payloadBytes}`);
  }
  const kind = PDU_KINDS.get(type);
  if (kind === undefined) return fail('AGENTX_TYPE', `PDU type ${type} is not known`);
  const reader = new AgentxReader(bytes, HEAD_BYTES, order);
  const body = readBody(kind, flags, reader);
  if (!reader.ok || !reader.done) return fail('AGENTX_MALFORMED', `${kind}: its fields do not fit its length`);
  return ok({ session, transaction, packet, order, ...body });
}

function readBody(kind: Body['kind'], flags: number, reader: AgentxReader): Body {
  const context = (flags & FLAG.context) !== 0 && CARRIES_CONTEXT.has(kind) ? textOf(reader.octets()) : undefined;
  const where = context === undefined ? {} : { context };
  const rest = <T>(one: () => T): T[] => {
    const list: T[] = [];
    while (!reader.done) list.push(one());
    return list;
  };
  const varbinds = () => rest(() => reader.varbind());
  const ranges = () => rest(() => reader.range());
  switch (kind) {
    case 'open': {
      const timeoutS = reader.u8();
      reader.skip(3);
      return { kind, timeoutS, id: reader.oid().oid, description: textOf(reader.octets()) };
    }
    case 'close': {
      const reason = reader.u8();
      reader.skip(3);
      return { kind, reason };
    }
    case 'register': {
      const timeoutS = reader.u8();
      return { kind, timeoutS, ...readRegion(reader), instance: (flags & FLAG.instance) !== 0, ...where };
    }
    case 'unregister':
      reader.skip(1);
      return { kind, ...readRegion(reader), ...where };
    case 'get':
    case 'get-next':
      return { kind, ranges: ranges(), ...where };
    case 'get-bulk':
      return { kind, nonRepeaters: reader.u16(), maxRepetitions: reader.u16(), ranges: ranges(), ...where };
    case 'test-set':
    case 'notify':
      return { kind, varbinds: varbinds(), ...where };
    case 'commit-set':
    case 'undo-set':
    case 'cleanup-set':
      return { kind };
    case 'ping':
      return { kind, ...where };
    case 'index-allocate':
    case 'index-deallocate': {
      const newIndex = (flags & FLAG.newIndex) !== 0;
      return { kind, varbinds: varbinds(), newIndex, anyIndex: (flags & FLAG.anyIndex) !== 0, ...where };
    }
    case 'add-agent-caps':
      return { kind, id: reader.oid().oid, description: textOf(reader.octets()), ...where };
    case 'remove-agent-caps':
      return { kind, id: reader.oid().oid, ...where };
    case 'response':
      return { kind, upTimeCs: reader.u32(), error: reader.u16(), index: reader.u16(), varbinds: varbinds() };
  }
}

/** §6.1.1: these may be said of a context; in the others the flag means nothing. */
export const CARRIES_CONTEXT: ReadonlySet<Body['kind']> = new Set<Body['kind']>([
  'register',
  'unregister',
  'get',
  'get-next',
  'get-bulk',
  'test-set',
  'notify',
  'ping',
  'index-allocate',
  'index-deallocate',
  'add-agent-caps',
  'remove-agent-caps',
]);

/** §6.2.3: priority, which sub-identifier is a range, a reserved byte, the subtree, and the range's end where there is one. */
function readRegion(reader: AgentxReader): { region: Region } {
  const priority = reader.u8();
  const at = reader.u8();
  reader.skip(1);
  const { oid: subtree } = reader.oid();
  return { region: at === 0 ? { subtree, priority } : { subtree, priority, range: { at, upper: reader.u32() } } };
}
