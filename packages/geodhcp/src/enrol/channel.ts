import type { Socket } from 'node:net';
import { fail, ok, type Result } from '@softset/base';
import { ENROL_MESSAGE_MAX } from '@softset/protocol/enrolment.js';
import { Frames } from './frames.js';
import {
  COMMIT_BYTES,
  commitmentTo,
  freshPair,
  type Keys,
  keysOf,
  open,
  PUBLIC_BYTES,
  pskOf,
  seal,
  TAG_BYTES,
} from './secrets.js';

/** A sealed channel. Messages are text; one that does not open ends it. */
export interface Channel {
  readonly code: string;
  /** Of the token that the newcomer named. */
  readonly tokenId?: string;
  send(text: string): void;
  /** The next message; a failure when the channel is over: `CLOSED`, or `SEAL_BROKEN` for one that does not open. */
  next(): Promise<Result<string, 'CLOSED' | 'SEAL_BROKEN'>>;
  end(): void;
}

type Opened = Result<Channel, 'CLOSED' | 'HELLO_INVALID' | 'KEY_INVALID'>;
const lost = (): Opened => fail('CLOSED', 'the other side closed the connection');
const bad = (why: string): Opened => fail('HELLO_INVALID', why);

/** The new board's side: commitment and name of its token; their key; its own key. */
export async function openToControl(
  socket: Socket,
  token: { readonly id: string; readonly secret: string } | undefined,
): Promise<Opened> {
  const frames = new Frames(socket);
  const own = freshPair();
  const hello = Buffer.concat([commitmentTo(own.publicBytes), Buffer.from(token?.id ?? '', 'latin1')]);
  frames.send(hello);
  const theirs = await frames.next();
  if (theirs === undefined) return lost();
  if (theirs.length !== PUBLIC_BYTES) return bad('this is no control node that enrols boards');
  frames.send(own.publicBytes);
  const keys = keysOf(own, theirs, [hello, theirs, own.publicBytes], token && pskOf(token.secret));
  if (!keys.ok) return keys;
  return ok(sealed(frames, keys.value, 'toControl', 'toBoard'));
}

/** The control node's side. `pskFor`: of a token by its name; where there is none, nobody can prove that he has it. */
export async function openToBoard(socket: Socket, pskFor: (id: string) => string): Promise<Opened> {
  const frames = new Frames(socket);
  const hello = await frames.next();
  if (hello === undefined) return lost();
  const id = hello.subarray(COMMIT_BYTES).toString('latin1');
  if (hello.length < COMMIT_BYTES || !/^([0-9a-f]{8})?$/.test(id)) return bad('no hello of a new board');
  const own = freshPair();
  frames.send(own.publicBytes);
  const theirs = await frames.next();
  if (theirs === undefined) return lost();
  if (theirs.length !== PUBLIC_BYTES || !commitmentTo(theirs).equals(hello.subarray(0, COMMIT_BYTES)))
    return bad('it showed another key than it had promised');
  const keys = keysOf(own, theirs, [hello, own.publicBytes, theirs], id === '' ? undefined : pskFor(id));
  if (!keys.ok) return keys;
  return ok({ ...sealed(frames, keys.value, 'toBoard', 'toControl'), ...(id === '' ? {} : { tokenId: id }) });
}

function sealed(frames: Frames, keys: Keys, out: 'toBoard' | 'toControl', back: 'toBoard' | 'toControl'): Channel {
  // A frame in the clear that came early is as long as those may be; from here on they are longer.
  frames.max = ENROL_MESSAGE_MAX + TAG_BYTES;
  let sent = 0;
  let received = 0;
  return {
    code: keys.code,
    send: (text) => frames.send(seal(keys[out], sent++, Buffer.from(text))),
    next: async () => {
      const frame = await frames.next();
      if (frame === undefined) return fail('CLOSED', 'the other side closed the connection');
      const opened = open(keys[back], received++, frame);
      if (opened.ok) return ok(opened.value.toString('utf8'));
      frames.end();
      return opened;
    },
    end: () => frames.end(),
  };
}
