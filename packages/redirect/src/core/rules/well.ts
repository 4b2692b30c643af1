import type { FactValue } from './facts.js';
import type { RuleSet } from './rule-set.js';
import type { World } from './world.js';

/**
 * How a test's or a bare simulation's world begins: all is well. Boards are up, each service is held by the first board
 * of its pool, programs are ready, networks work, there is no alarm and no fault. What time it is, and what SNMP would
 * say, is not known until the story tells it.
 */
export function wellFacts(world: World, asked: Iterable<string>): Map<string, FactValue> {
  const facts = new Map<string, FactValue>();
  for (const board of world.boards) {
    const at = `board.${board}`;
    facts.set(`${at}.state`, 'up');
    for (const no of ['maintenance', 'drained', 'amnesiac', 'leaving']) facts.set(`${at}.${no}`, false);
    facts.set(`${at}.health`, 0);
    for (const yes of ['path.A', 'path.B', 'daemon.netrackd', 'daemon.redirectd', 'daemon.psrmd'])
      facts.set(`${at}.${yes}`, true);
  }
  for (const { name, pool } of world.services) {
    facts.set(`service.${name}.state`, 'held');
    facts.set(`service.${name}.holder`, pool[0] ?? 'none');
    facts.set(`service.${name}.pin`, 'none');
    facts.set(`service.${name}.resting`, false);
  }
  for (const { name, boards } of world.programs) {
    for (const board of boards) {
      facts.set(`program.${name}.${board}.state`, 'ready');
      facts.set(`program.${name}.${board}.restarts`, 0);
    }
  }
  for (const network of ['A', 'B']) facts.set(`network.${network}.state`, 'up');
  facts.set('cluster.director', world.boards[0] ?? 'none');
  facts.set('cluster.term', 1);
  facts.set('cluster.votes', world.boards.length);
  for (const fact of asked) {
    if (fact.startsWith('fault.')) facts.set(fact, false);
    if (fact.startsWith('alarm.')) facts.set(fact, 'none');
  }
  countServices(world, facts);
  return facts;
}

/** `board.X.services` and `holds` follow from who holds what. */
export function countServices(world: World, facts: Map<string, FactValue>): void {
  const held = new Map<string, number>();
  for (const { name } of world.services) {
    const holder = String(facts.get(`service.${name}.holder`) ?? 'none');
    if (facts.get(`service.${name}.state`) !== 'free') held.set(holder, (held.get(holder) ?? 0) + 1);
  }
  for (const board of world.boards) {
    facts.set(`board.${board}.services`, held.get(board) ?? 0);
    const holds = world.services.filter(({ name }) => facts.get(`service.${name}.holder`) === board).length;
    const allKnown = world.services.every(({ name }) => facts.has(`service.${name}.holder`));
    if (holds > 0 || allKnown) facts.set(`board.${board}.holds`, holds);
    else facts.delete(`board.${board}.holds`);
  }
}

/** Facts that the rules ask about faults and alarms: these are told only of what is asked. */
export function askedFacts(set: {
  readonly instances: readonly { readonly leaves: readonly { readonly fact: string }[] }[];
}): ReadonlySet<string> {
  const asked = set.instances.flatMap((instance) => instance.leaves.map((leaf) => leaf.fact));
  return new Set(asked.filter((fact) => fact.startsWith('fault.') || fact.startsWith('alarm.')));
}

/** SNMP variables that the rules ask for: what whoever speaks SNMP should fetch. */
export function snmpAsked(set: RuleSet | undefined): readonly { readonly agent: string; readonly object: string }[] {
  const facts = set?.instances.flatMap((instance) => instance.leaves.map((leaf) => leaf.fact)) ?? [];
  return [...new Set(facts)].flatMap((fact) => {
    const [root, agent, ...object] = fact.split('.');
    return root === 'snmp' && agent !== undefined ? [{ agent, object: object.join('.') }] : [];
  });
}
