import { command } from './command.mjs';

process.exitCode = await command('soak', ['runtime', 'lab', 'bench']);
