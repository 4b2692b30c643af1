import { command } from './command.mjs';

process.exitCode = await command('bench', ['runtime', 'lab', 'bench']);
