import { octetsOf } from '../octets.js';
import { AGENTX_VERSION, FLAG, HEAD_BYTES, PDU_NUMBERS, type Pdu, type Region } from './pdu.js';
import { AgentxWriter } from './writer.js';

const LENGTH_AT = 16;

/** One PDU with its header (RFC 2741 §6). What the types allow and a field does not is a programmer's error. */
export function encodePdu(pdu: Pdu): Uint8Array {
  const w = new AgentxWriter(pdu.order);
  w.u8(AGENTX_VERSION).u8(PDU_NUMBERS[pdu.kind]).u8(flagsOf(pdu)).u8(0);
  w.u32(pdu.session).u32(pdu.transaction).u32(pdu.packet).u32(0);
  if ('context' in pdu && pdu.context !== undefined) w.octets(octetsOf(pdu.context));
  writeBody(w, pdu);
  const bytes = w.done();
  w.patchU32(LENGTH_AT, bytes.length - HEAD_BYTES);
  return bytes;
}

function flagsOf(pdu: Pdu): number {
  return (
    (pdu.order === 'big' ? FLAG.networkOrder : 0) |
    ('context' in pdu && pdu.context !== undefined ? FLAG.context : 0) |
    ('instance' in pdu && pdu.instance ? FLAG.instance : 0) |
    ('newIndex' in pdu && pdu.newIndex ? FLAG.newIndex : 0) |
    ('anyIndex' in pdu && pdu.anyIndex ? FLAG.anyIndex : 0)
  );
}

function writeBody(w: AgentxWriter, pdu: Pdu): void {
  switch (pdu.kind) {
    case 'open':
      w.u8(pdu.timeoutS).u8(0).u16(0).oid(pdu.id).octets(octetsOf(pdu.description));
      break;
    case 'close':
      w.u8(pdu.reason).u8(0).u16(0);
      break;
    case 'register':
      w.u8(pdu.timeoutS);
      writeRegion(w, pdu.region);
      break;
    case 'unregister':
      w.u8(0);
      writeRegion(w, pdu.region);
      break;
    case 'get':
    case 'get-next':
      for (const range of pdu.ranges) w.range(range);
      break;
    case 'get-bulk':
      w.u16(pdu.nonRepeaters).u16(pdu.maxRepetitions);
      for (const range of pdu.ranges) w.range(range);
      break;
    case 'test-set':
    case 'notify':
    case 'index-allocate':
    case 'index-deallocate':
      for (const varbind of pdu.varbinds) w.varbind(varbind);
      break;
    case 'add-agent-caps':
      w.oid(pdu.id).octets(octetsOf(pdu.description));
      break;
    case 'remove-agent-caps':
      w.oid(pdu.id);
      break;
    case 'response':
      w.u32(pdu.upTimeCs).u16(pdu.error).u16(pdu.index);
      for (const varbind of pdu.varbinds) w.varbind(varbind);
      break;
    case 'commit-set':
    case 'undo-set':
    case 'cleanup-set':
    case 'ping':
      break;
  }
}

function writeRegion(w: AgentxWriter, { priority, range, subtree }: Region): void {
  w.u8(priority)
    .u8(range?.at ?? 0)
    .u8(0)
    .oid(subtree);
  if (range !== undefined) w.u32(range.upper);
}
