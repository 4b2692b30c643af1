import { connect, type Socket } from 'node:net';
import { fail, ok, type Result } from '@softset/base';
import { decodeControlMessage, type EnrolledFile, type JoinMessage } from '@softset/protocol/enrolment.js';
import { type Channel, openToControl } from './channel.js';

export interface JoinOptions {
  readonly control: string;
  readonly port: number;
  readonly token?: { readonly id: string; readonly secret: string };
  readonly version: string;
  readonly host: string;
  /** How long an operator may take, ms. */
  readonly waitMs: number;
}

export interface JoinHands {
  /** What the operator has to compare. */
  readonly onWaiting: (code: string) => void;
  /** Writes the files, and says what softset doctor thinks then: its faults. */
  readonly install: (board: string, files: readonly EnrolledFile[]) => Promise<Result<readonly string[]>>;
}

export interface Joined {
  readonly board: string;
  readonly faults: readonly string[];
}

const CONNECT_MS = 10_000;

/**
 * The new board's side of enrolment. Errors: errno's names where the control node cannot be reached, `NOT_THE_CONTROL_NODE`
 * where the channel does not open (a wrong token, or somebody else), what the control node refused with, and those of
 * `install`.
 */
export async function join(options: JoinOptions, hands: JoinHands): Promise<Result<Joined>> {
  const socket = await connected(options);
  if (!socket.ok) return socket;
  try {
    const opened = await openToControl(socket.value, options.token);
    if (!opened.ok) return notControl();
    return await conversation(opened.value, options, hands);
  } finally {
    socket.value.destroySoon();
  }
}

async function conversation(channel: Channel, options: JoinOptions, hands: JoinHands): Promise<Result<Joined>> {
  const send = (message: JoinMessage): void => channel.send(JSON.stringify(message));
  const late = setTimeout(() => channel.end(), options.waitMs);
  try {
    send({ kind: 'ask', version: options.version, host: options.host });
    let joined: Joined | undefined;
    for (;;) {
      const text = await channel.next();
      if (!text.ok) return joined === undefined ? notControl() : fail('CLOSED', 'the control node went away');
      const message = decodeControlMessage(text.value);
      if (!message.ok) return message;
      switch (message.value.kind) {
        case 'waiting':
          hands.onWaiting(channel.code);
          break;
        case 'refused':
          return fail(message.value.code, message.value.message);
        case 'granted': {
          const { board, files } = message.value;
          const faults = await hands.install(board, files);
          if (!faults.ok) return faults;
          joined = { board, faults: faults.value };
          send({ kind: 'tested', faults: faults.value.slice(0, 64) });
          break;
        }
        case 'done':
          return joined === undefined ? fail('MESSAGE_INVALID', 'done before anything was granted') : ok(joined);
      }
    }
  } finally {
    clearTimeout(late);
  }
}

const notControl = (): Result<never> =>
  fail(
    'NOT_THE_CONTROL_NODE',
    'the control node closed the connection: the token is none of its own, or it is not the control node, or nobody approved',
  );

function connected({ control, port }: JoinOptions): Promise<Result<Socket>> {
  return new Promise((done) => {
    const socket = connect({ host: control, port, timeout: CONNECT_MS });
    const failed = (code: string): void => {
      socket.destroy();
      done(fail(code, `${control} port ${port}: ${code}; is geodhcp.enrolPort set there?`));
    };
    socket.once('error', (error: NodeJS.ErrnoException) => failed(error.code ?? 'EIO'));
    socket.once('timeout', () => failed('ETIMEDOUT'));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('error').on('error', () => {});
      done(ok(socket));
    });
  });
}
