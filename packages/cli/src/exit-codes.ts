/** Exit codes of every command: s6's, as those of the daemons. */
export const exitCodes = { done: 0, refused: 1, usage: 100, system: 111 } as const;
