/*
 * The steps of a counterexample, in words. A step prints the text by which the model calls it: `hearDirector(0, 2, true)`.
 */

const WORDS = {
  hearDirector: (d, f, echoes) => `board ${f} hears director ${d}${echoes === 'true' ? ', which echoes it' : ''}`,
  beat: (d, f) => `board ${d} takes in a beat of board ${f}`,
  post: (d, f) => `a beat of board ${f} comes to lie in the socket of board ${d}`,
  read: (d, f) => `board ${d} reads the beat of board ${f} from its socket`,
  stand: (b, t) => `board ${b} stands for director of term ${t}`,
  vote: (f, c) => `board ${f} votes for board ${c}`,
  lead: (c) => `board ${c} is elected`,
  report: (d, f) => `board ${d} takes in what board ${f} says it holds`,
  release: (d, f) => `board ${f} gives back what director ${d} asks for`,
  serve: (d, to) => `director ${d} names board ${to} as the next holder`,
  takeWrite: (f, nr) => `board ${f} takes and acknowledges version ${nr} of its term's register`,
  order: (d) => `director ${d} sends the order to take the address`,
  hand: (d) => `director ${d} sends the order to take the address after its holder`,
  take: (b, g) => `board ${b} obeys the order of grant ${g}: its element stands`,
  fail: (d) => `director ${d} gives its move up`,
  finish: (d) => `director ${d} knows that its move is done`,
  renew: (b) => `board ${b} renews its element`,
  commit: (b) => `the renewal of board ${b} reaches its kernel`,
  lose: (b) => `board ${b} lets its element go`,
  beSure: (d) => `director ${d} knows that a majority has its newest register`,
  leave: (d, b) => `director ${d} takes the vote of board ${b}`,
  ask: (b, f) => `board ${f} answers the new life of board ${b}`,
  regain: (b) => `board ${b} counts as remembering again`,
  reboot: (b, older) => `board ${b} reboots${older === 'true' ? ' with an older register' : ''}`,
  loseDisk: (b) => `board ${b} reboots and has lost its disk`,
  restartNetrackd: (b, older) => `netrackd of board ${b} restarts${older === 'true' ? ' with an older register' : ''}`,
  restartPulse: (b) => `the pulse of board ${b} restarts`,
};

/** Lines for people: the steps of one moment below its number of ticks. */
export function inWords(steps) {
  let ticks = 0;
  return steps.map((step) => {
    const [, name = '', list = ''] = /^(\w+)\((.*)\)$/.exec(step) ?? [];
    if (name === 'tick') return `tick ${++ticks}`;
    const words = Object.hasOwn(WORDS, name) ? WORDS[name](...list.split(/, */)) : step;
    return `  ${words}`;
  });
}
