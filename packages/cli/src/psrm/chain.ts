import type { Chapter, Move, ServiceState } from '@softset/protocol';

/** Longer chains are cut at their beginning: the end is what somebody is called for. */
const linksMax = 8;

/**
 * The chain that led to where a program stands, since it was last ordered to start or restart: `not responding: missed 3 probes →
 * signal TERM; restarted ×2 → given up: … → web moved to cpu-b`. Links of the same kind in a row are one.
 */
export function chainOf(history: readonly Chapter[], moved: string | undefined): string {
  const began = history.findLastIndex(({ text }) => /^ordered to (re)?start/.test(text));
  const links: { text: string; kind: string; times: number }[] = [];
  for (const { text } of history.slice(began + 1)) {
    if (isQuiet(text)) continue;
    const kind = text.replaceAll(/\d+/g, '#');
    const last = links.at(-1);
    const before = links.at(-2);
    // A hang and its restart take turns: the pair counts, as well as one alone.
    const twin = [last, before].find((link) => link?.kind === kind);
    if (twin) twin.times++;
    else links.push({ text, kind, times: 1 });
  }
  const told = links.map(({ text, times }) => (times > 1 ? `${text} ×${times}` : text)).slice(-linksMax);
  return [...told, ...(moved === undefined ? [] : [moved])].join(' → ');
}

/** What is as it should be leads to nothing, and nor does the end that was ordered. */
function isQuiet(text: string): boolean {
  return /^(started, life|ready$|up$|well again$|failed: not started here|starts again$|taken up by|(signal \w+|exit \d+|ended unseen)$)/.test(
    text,
  );
}

/** What REDIRECT did about it, in the words of its last move of the service; and where the service is now. */
export function movedTo(
  service: ServiceState | undefined,
  moves: readonly Move[],
  nameOf: (board: number) => string,
): string | undefined {
  if (service === undefined) return undefined;
  const move = moves.filter((one) => one.service === service.service).at(-1);
  if (move) return `${service.service} moved to ${nameOf(move.to)} (${move.cause})`;
  if (service.holder === undefined) return `${service.service} is ${service.phase}: nobody holds it`;
  return `${service.service} is held by ${nameOf(service.holder.board)}${service.cause ? ` (${service.cause})` : ''}`;
}
