import { lockFolder } from '../folder-lock.ts';

/** Takes the folder that it is given, says so, and waits to be killed. */
await lockFolder(process.argv[2]!);
process.stdout.write('held\n');
setInterval(() => undefined, 1000);
