import { echoDaemon, putService, reaches, service, smallLab } from './bench.js';

/** What an ordinary user can do with a lab: prints one JSON object. Started by user.test.ts. */
const lab = await smallLab('user', [echoDaemon]);
try {
  const [daemon] = await lab.board('one').init.list();
  await putService(lab, 'one');
  const observer = await lab.observer([service]);
  const held = await observer.heldBy(service, 'one', 10_000);
  const prober = await lab.prober({ address: service, port: 7007 });
  const answered = await prober.answered(prober.mark(), 10_000, 'one');
  const whole = await reaches(lab, 'one', 'b0', '20.1.1.2');
  await lab.fault('switch-mute', 'B');
  const mute = await reaches(lab, 'one', 'b0', '20.1.1.2');
  await lab.heal();
  await lab.fault('crash', 'two');
  await lab.heal();
  const returned = await reaches(lab, 'one', 'a0', '10.1.1.2');
  await Promise.all([observer.stop(), prober.stop()]);
  const uid = process.getuid?.();
  console.log(JSON.stringify({ uid, daemon: daemon?.state, held, answered, whole, mute, returned }));
} finally {
  await lab.down();
}
