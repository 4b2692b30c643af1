import snmp from 'net-snmp';

/** The net-snmp package's own Agent with a table of N rows and one column. Arguments: port, community, the table's entry, N. */
const [port = '0', community = '', entry = '', count = '0'] = process.argv.slice(2);
const agent = snmp.createAgent({ port: Number(port), address: '127.0.0.1' }, () => {});
agent.getAuthorizer().addCommunity(community);
const mib = agent.getMib();
mib.registerProvider({
  name: 'bench',
  type: snmp.MibProviderType.Table,
  oid: entry,
  maxAccess: snmp.MaxAccess['not-accessible'],
  tableColumns: [
    { number: 1, name: 'state', type: snmp.ObjectType.Integer, maxAccess: snmp.MaxAccess['read-only'] },
    { number: 2, name: 'index', type: snmp.ObjectType.Integer, maxAccess: snmp.MaxAccess['not-accessible'] },
  ],
  tableIndex: [{ columnName: 'index' }],
});
for (let row = 1; row <= Number(count); row++) mib.addTableRow('bench', [1, row]);
