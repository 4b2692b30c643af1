import dhcp from 'dhcp';

/** The npm package's client, as its README uses it. It sets no address: what it got is printed. */
const [mac = ''] = process.argv.slice(2);
const client = dhcp.createClient({ mac, features: ['netmask', 'router', 'hostname'] });
client.on('message', ({ options }) => process.stdout.write(`message ${options[53]}\n`));
client.on('bound', ({ address, options }) => {
  process.stdout.write(`bound ${address} ${options.netmask} ${options.hostname}\n`);
  client.sendRenew();
});
client.listen(68, '0.0.0.0', () => {
  client.sendDiscover();
  // It has no timer of its own.
  setInterval(() => client.sendDiscover(), 2000);
});
