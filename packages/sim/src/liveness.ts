import { directing } from '@softset/netrack/core/cluster/view.js';
import { compareVersions } from '@softset/protocol';
import type { World } from './world.js';

/**
 * What is still wrong after everything was healed; undefined when the cluster is whole again: one director that all
 * follow, one view, and each service on exactly one board, the one that the register names.
 */
export function notWell(world: World): string | undefined {
  const boards = [...world.boards.values()];
  const directors = boards.filter(({ netrackd }) => netrackd?.state.role === 'director');
  const [director] = directors;
  if (!director || directors.length > 1) return `directors: ${directors.map(({ id }) => id).join() || 'none'}`;
  const lead = director.netrackd;
  if (!lead || !directing(lead.state, director.nowMs())) return `board ${director.id} is elected and may not direct`;
  const { term } = lead.state;
  for (const { id, netrackd, pulse } of boards) {
    if (!netrackd || !pulse) return `board ${id} lacks a process`;
    if (netrackd.state.amnesiac || pulse.state.amnesiac) return `board ${id} is amnesiac`;
    const netrackdFollows = netrackd.state.term === term && netrackd.state.director === director.id;
    const pulseFollows = pulse.state.term === term && pulse.state.director === director.id;
    if (!netrackdFollows || !pulseFollows) {
      const terms = `netrackd ${netrackd.state.term}:${netrackd.state.director}, pulse ${pulse.state.term}:${pulse.state.director}`;
      return `board ${id} follows another: ${terms}, and not ${term}:${director.id}`;
    }
    const blind = netrackd.state.report?.boards.find((peer) => peer.verdict !== 'up');
    if (blind) return `board ${id} sees board ${blind.board} ${blind.verdict}`;
    if (netrackd.state.register.index !== lead.state.register.index) return `board ${id} has an older register`;
  }
  for (const { name } of world.cluster.services) {
    const standing = boards.filter((board) => board.standing(name));
    const [holder] = standing;
    if (!holder || standing.length > 1) return `${name} is held by ${standing.map(({ id }) => id).join() || 'nobody'}`;
    const named = lead.state.register.services.find((entry) => entry.service === name)?.holder?.board;
    if (named !== holder.id) return `${name} is held by board ${holder.id}, and the register says ${named ?? 'nobody'}`;
  }
  return termsBroken(world, director.redirectd?.director.resting ?? []);
}

/** What services say of one another; one that rests stays where it is, alone if need be. */
function termsBroken({ cluster, boards }: World, resting: readonly string[]): string | undefined {
  const at = (name: string): number | undefined => [...boards.values()].find((board) => board.standing(name))?.id;
  for (const { name, apart = [], together = [] } of cluster.services) {
    const near = apart.find((other) => at(other) === at(name));
    if (near !== undefined) return `${name} and ${near} are both on board ${at(name)}, and must be apart`;
    if (resting.includes(name)) continue;
    const far = together.find((other) => !resting.includes(other) && at(other) !== at(name));
    if (far !== undefined) return `${name} is on board ${at(name)}, and ${far} on ${at(far)}: they go together`;
  }
  return undefined;
}

/** The operator gives work to every board again, as often as it takes: a wish may be lost with its director. */
export function giveBack(world: World): void {
  for (const { netrackd, redirectd } of world.boards.values()) {
    if (netrackd?.state.role !== 'director') continue;
    for (const { board, admin, left } of netrackd.state.register.members) {
      if (left === true) redirectd?.change(`${world.timeline.nowMs} ${board} returns`, { kind: 'return', board });
      if (admin === 'in-service') continue;
      redirectd?.change(`${world.timeline.nowMs} ${board}`, { kind: 'admin', board, admin: 'in-service' });
    }
  }
}

/** A majority of the votes lost its memory: only an operator can say what was (`softset quorum force`). */
export function needsQuorumForce(world: World): boolean {
  const { cluster } = world;
  const newest = [...world.boards.values()]
    .flatMap(({ netrackd }) => netrackd?.state.register ?? [])
    .sort(compareVersions)
    .at(-1);
  const left = new Set(newest?.members.filter((member) => member.left === true).map(({ board }) => board));
  const voters = cluster.boards.filter((board) => board.vote && !left.has(board.id));
  const remember = voters.filter(({ id }) => world.boards.get(id)?.netrackd?.state.amnesiac === false);
  return remember.length * 2 <= voters.length;
}
