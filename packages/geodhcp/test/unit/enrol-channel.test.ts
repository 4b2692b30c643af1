import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Channel, openToBoard, openToControl } from '@softset/geodhcp/enrol/channel.js';
import { Frames } from '@softset/geodhcp/enrol/frames.js';
import { freshPair, keysOf, open, pskOf, seal } from '@softset/geodhcp/enrol/secrets.js';
import { decodeControlMessage, decodeJoinMessage } from '@softset/protocol/enrolment.js';
import { expect } from 'chai';
import fc from 'fast-check';

const token = { id: '0a0b0c0d', secret: '00112233445566778899aabbccddeeff' };

/** Two ends of a TCP connection over loopback. */
async function pair(): Promise<{ readonly board: Socket; readonly control: Socket; readonly server: Server }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const accepted = new Promise<Socket>((done) => server.once('connection', done));
  const board = connect(port, '127.0.0.1').on('error', () => {});
  return { board, control: (await accepted).on('error', () => {}), server };
}

describe('the channel of enrolment', () => {
  let ends: Awaited<ReturnType<typeof pair>>;
  beforeEach(async () => {
    ends = await pair();
  });
  afterEach(() => {
    ends.board.destroy();
    ends.control.destroy();
    ends.server.close();
  });
  const both = async (own: typeof token | undefined, psk: string): Promise<[Channel, Channel]> => {
    const [board, control] = await Promise.all([openToControl(ends.board, own), openToBoard(ends.control, () => psk)]);
    if (!board.ok || !control.ok) throw new Error('not opened');
    return [board.value, control.value];
  };

  it('carries messages both ways, in order, and shows both sides the same code', async () => {
    const [board, control] = await both(undefined, '');
    expect(board.code)
      .to.equal(control.code)
      .and.match(/^[0-9a-f]{5}-[0-9a-f]{5}$/);
    board.send('one');
    board.send('two');
    control.send('three');
    expect(await control.next()).to.deep.equal({ ok: true, value: 'one' });
    expect(await control.next()).to.deep.equal({ ok: true, value: 'two' });
    expect(await board.next()).to.deep.equal({ ok: true, value: 'three' });
    board.end();
    expect((await control.next()).ok).to.equal(false);
  });

  it('proves the token to both sides: with another secret nothing opens', async () => {
    const [board, control] = await both(token, pskOf(token.secret));
    expect(control.tokenId).to.equal(token.id);
    board.send('mine');
    expect(await control.next()).to.deep.equal({ ok: true, value: 'mine' });
  });

  it('does not open what who lacks the secret sealed', async () => {
    const [board, control] = await both(token, pskOf('f'.repeat(32)));
    board.send('mine');
    expect(await control.next()).to.include({ ok: false, code: 'SEAL_BROKEN' });
  });

  it('refuses a key other than the one that was promised: who sits between cannot choose his to fit', async () => {
    const frames = new Frames(ends.board);
    const opened = openToBoard(ends.control, () => '');
    frames.send(Buffer.alloc(32, 7));
    expect((await frames.next())?.length).to.equal(32);
    frames.send(freshPair().publicBytes);
    expect(await opened).to.include({ ok: false, code: 'HELLO_INVALID' });
  });

  it('shows two codes where somebody sits between', async () => {
    const far = await pair();
    try {
      const [board, , , control] = await Promise.all([
        openToControl(ends.board, undefined),
        openToBoard(ends.control, () => ''),
        openToControl(far.board, undefined),
        openToBoard(far.control, () => ''),
      ]);
      expect(board.ok && control.ok && board.value.code === control.value.code).to.equal(false);
    } finally {
      far.board.destroy();
      far.control.destroy();
      far.server.close();
    }
  });

  it('ends with a frame that is too long, with more frames than were asked for, and with any bytes', async () => {
    ends.board.write(Buffer.from('ffffffff', 'hex'));
    expect((await openToBoard(ends.control, () => '')).ok).to.equal(false);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const own = await pair();
        own.board.end(bytes);
        const opened = await openToBoard(own.control, () => '');
        own.board.destroy();
        own.control.destroy();
        own.server.close();
        return !opened.ok;
      }),
      { numRuns: 50 },
    );
  });

  it('gives no secret for a point of small order (RFC 7748 §6.1)', () => {
    expect(keysOf(freshPair(), Buffer.alloc(32), [], undefined)).to.include({ ok: false, code: 'KEY_INVALID' });
  });

  it('opens each message once, in its place, and no changed one', () => {
    const key = Buffer.alloc(32, 1);
    const sealed = seal(key, 5, Buffer.from('text'));
    expect(open(key, 5, sealed).ok).to.equal(true);
    for (const number of [4, 6]) expect(open(key, number, sealed).ok, `as ${number}`).to.equal(false);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(open(key, 5, changed).ok, `bit ${bit}`).to.equal(false);
    }
  });

  it('has decoders that never throw, and take no file name that leaves the folder', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        decodeJoinMessage(text);
        decodeControlMessage(text);
      }),
      { numRuns: 2000 },
    );
    const granted = (name: string): boolean =>
      decodeControlMessage(
        JSON.stringify({ kind: 'granted', board: 'cpu-1', files: [{ name, secret: true, text: '' }] }),
      ).ok;
    expect(granted('keys/cluster.key')).to.equal(true);
    for (const name of ['../x', '/etc/passwd', 'a/../../b', '', 'a//b', '.', '.ssh/x', 'a\nb'])
      expect(granted(name), name).to.equal(false);
  });
});
