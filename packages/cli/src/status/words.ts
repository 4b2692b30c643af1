import type { Alarm, Fault } from '@softset/protocol';

/** `0.4 s`, `12 s`, `5 min`, `3 h`, `2 d`: how long, in at most 6 characters. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 360_000) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A fault as people say it (002 Fig. 8). */
export function faultWords({ kind, target }: Pick<Fault, 'kind' | 'target'>): string {
  const [board, network] = target.split(':');
  switch (kind) {
    case 'network-failed':
      return `network ${target} failed`;
    case 'network-mute':
      return `network ${target} is mute`;
    case 'link-failed':
      return `link of ${board} to ${network} failed`;
    case 'one-way':
      return `link of ${board} to ${network} works one way only`;
    case 'link-flapping':
      return `link of ${board} to ${network} flaps`;
    case 'board-failed':
      return `board ${target} failed`;
    case 'board-stalled':
      return `board ${target} is stalled`;
    case 'board-isolated':
      return `board ${target} is isolated`;
    case 'board-unheard':
      return `board ${target} is not heard here`;
    case 'daemon-lost':
      return `a daemon of ${target} is lost`;
    case 'partition':
      return 'the cluster is partitioned';
    case 'no-quorum':
      return 'no quorum';
    case 'config-differs':
      return `configuration of ${target} differs`;
  }
}

export function alarmWords(alarm: Alarm): string {
  return `${alarm.severity} alarm, ${alarm.object}: ${alarm.text}`;
}

/** Breaks at spaces; lines after the first begin with `indent` spaces. A longer word stands on its own line, whole. */
export function wrap(text: string, width: number, indent = 2): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`;
    if (next.length <= width || line.trim() === '') {
      line = next;
      continue;
    }
    lines.push(line);
    line = `${' '.repeat(indent)}${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
