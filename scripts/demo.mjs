import { command } from './command.mjs';

process.exitCode = await command('demo', ['runtime', 'lab']);
