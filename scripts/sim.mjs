import { command } from './command.mjs';

/* The simulator is pure: it needs Node and nothing of Debian. */
process.exitCode = await command('sim', []);
