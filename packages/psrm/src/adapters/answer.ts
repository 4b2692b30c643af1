/** What came of a question. `unasked`: psrmd itself could not put it, which says nothing of the program. */
export type Answer = 'answered' | 'missed' | 'unasked';

/** Out of descriptors, memory or buffers: a fault of ours or of the machine's. */
const ours = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EADDRNOTAVAIL'];

/** Of an `Error` or a `Failure`, with errno's name as its code. */
export function answerOf(error: object): Answer {
  return 'code' in error && ours.includes(String(error.code)) ? 'unasked' : 'missed';
}
