import { exporterModule } from './dist/core/smi/exporter-module.js';
import { modulePage } from './dist/core/smi/module-page.js';
import { moduleText } from './dist/core/smi/module-text.js';
import { softsetMib } from './dist/core/softset/mib/module.js';

export const generated = [
  { path: 'docs/mibs/SOFTSET-MIB.txt', make: () => moduleText(softsetMib) },
  { path: 'docs/mibs/SOFTSET-MIB.md', make: () => modulePage(softsetMib) },
  { path: 'docs/mibs/snmp_exporter.yml', make: () => exporterModule(softsetMib, 'softset') },
];
