import type { Alarm } from '@softset/protocol';
import { guideOf } from '@softset/protocol/alarms.js';

/** Without Markdown's marks. */
export const plain = (text: string): string => text.replaceAll('`', '');

/** What to do about an alarm that stands, in words for a terminal: its own object in place of the guide's capitals. */
export function adviceOn({ cause, object }: Pick<Alarm, 'cause' | 'object'>): string {
  const guide = guideOf(cause);
  if (guide === undefined) return 'a rule of yours raised it: softset journal shows which, softset why rule NAME why';
  // `service/web`, `program/idle@cpu-1`, `board/cpu-1`
  const [kind = '', name = ''] = object.split(/[/@]/);
  const words = { service: 'SERVICE', program: 'PROGRAM', board: 'BOARD', rule: 'RULE' }[kind];
  const text = plain(guide.todo);
  return words === undefined || name === '' ? text : text.replaceAll(new RegExp(`\\b${words}\\b`, 'g'), name);
}
