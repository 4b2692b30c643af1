import type { Ipv4, Mac } from '@softset/base';
import type { Effect } from './events.js';
import { evidenceOf, type Setting, type Turn } from './give.js';
import { type Mark, SHARED_MS, type State } from './state.js';
import { nothing, without } from './turn.js';

/** What is out of order, and stays so for a while: addresses of strangers, shared ports, silent switches. */
export function mark(was: State, conflict: Mark['conflict'], nowMs: number, config: Setting): Turn {
  const { ip, place, by, where } = conflict;
  const marks = new Map(was.marks).set(ip, { conflict, untilMs: nowMs + config.geo.quarantineMs });
  const who = by === undefined ? where : `${by} (${where}) answers for it`;
  const text = `${ip} of ${place} is unusable: ${who}`;
  return {
    state: { ...was, marks },
    effects: [
      {
        kind: 'note',
        what: 'address-in-use',
        fields: { ...conflict, ...(by === undefined ? {} : evidenceOf(was, by)) },
      },
      { kind: 'alarm', object: `address/${ip}`, cause: 'ADDRESS_IN_USE', severity: 'major', text },
      { kind: 'count', what: 'conflict' },
    ],
  };
}

export function unmark(was: State, ip: Ipv4, why: string): Turn {
  if (!was.marks.has(ip)) return nothing(was);
  const text = `${ip} is usable again: ${why}`;
  return {
    state: { ...was, marks: without(was.marks, (_, one) => one === ip) },
    effects: [
      { kind: 'note', what: 'address-usable', fields: { ip, why } },
      { kind: 'alarm', object: `address/${ip}`, cause: 'ADDRESS_IN_USE', severity: 'cleared', text },
    ],
  };
}

/** After the quarantine: silence lifts the mark, an answer makes it longer. */
export function retryMark(was: State, ip: Ipv4, by: Mac | null, nowMs: number, config: Setting): Turn {
  const standing = was.marks.get(ip);
  if (standing === undefined || nowMs < standing.untilMs) return nothing(was);
  if (by === null) return unmark(was, ip, 'nobody answers for it any more');
  return nothing({
    ...was,
    marks: new Map(was.marks).set(ip, { ...standing, untilMs: nowMs + config.geo.quarantineMs }),
  });
}

export function share(was: State, place: string, why: string, nowMs: number): Turn {
  const shared = new Map(was.shared).set(place, nowMs + SHARED_MS);
  const text = `more devices than addresses on ${place}: ${why}`;
  const alarm: Effect = { kind: 'alarm', object: `port/${place}`, cause: 'PORT_SHARED', severity: 'warning', text };
  return { state: { ...was, shared }, effects: was.shared.has(place) ? [] : [alarm] };
}

export function switchHealth(was: State, evidence: readonly { readonly switch: string; readonly said: string }[]) {
  const silent = new Map(was.silent);
  const effects: Effect[] = [];
  for (const { switch: name, said } of evidence) {
    const dumb = said.startsWith('no answer (');
    // `no answer yet` is no news: the look-up was over before.
    if (said === 'no answer yet' || dumb === silent.get(name)) continue;
    silent.set(name, dumb);
    const text = dumb ? `switch ${name} does not say who is on which port: ${said}` : `switch ${name} answers again`;
    effects.push({
      kind: 'alarm',
      object: `switch/${name}`,
      cause: 'SWITCH_SILENT',
      severity: dumb ? 'major' : 'cleared',
      text,
    });
  }
  return { silent, effects };
}
