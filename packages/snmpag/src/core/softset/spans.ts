import type { BoardId, NetrackState, ServiceState } from '@softset/protocol';

/** How a service is, since when, and since when nobody is known to serve it. By the clock of the reporting board, ms. */
export interface Span {
  readonly as: string;
  readonly sinceMs: number;
  /** Absent while its holder confirmed it and is up. */
  readonly unservedMs?: number;
  /** Who holds it, or held it last: a service that became free does not say so any more. */
  readonly holder?: BoardId;
}

/** By service. */
export type Spans = ReadonlyMap<string, Span>;

export const noSpans: Spans = new Map();

/** After `is`. What was before the first state is not known: a service begins there as it is found. */
export function serviceSpans(before: Spans, is: NetrackState): Spans {
  return new Map(
    is.services.map((service): [string, Span] => {
      const earlier = before.get(service.service);
      const as = wordOf(service);
      const sinceMs = earlier?.as === as ? earlier.sinceMs : is.nowMs;
      const doubtMs = doubted(service, is);
      // The first doubt counts: a move that begins later ends the same gap.
      const unservedMs = doubtMs === undefined ? undefined : (earlier?.unservedMs ?? doubtMs);
      const holder = service.holder?.board ?? earlier?.holder;
      const gap = unservedMs === undefined ? {} : { unservedMs };
      return [service.service, { as, sinceMs, ...gap, ...(holder === undefined ? {} : { holder }) }];
    }),
  );
}

function wordOf({ phase, holder }: ServiceState): string {
  return holder === undefined ? phase : `${phase} ${holder.board} ${holder.grant.term}.${holder.grant.n}`;
}

/** Since when nobody is known to serve it; undefined where somebody is. */
function doubted({ phase, holder }: ServiceState, { boards, nowMs }: NetrackState): number | undefined {
  if (phase !== 'held' || holder === undefined) return nowMs;
  const board = boards.find((one) => one.board === holder.board);
  const up = board?.verdict === 'up' || board?.verdict === 'self';
  return up ? undefined : (board?.sinceMs ?? nowMs);
}
