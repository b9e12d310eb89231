import { lockFolder } from '../folder-lock.ts';

/** Locks the given folder, reports it, and waits to be killed. */
await lockFolder(process.argv[2]!);
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
