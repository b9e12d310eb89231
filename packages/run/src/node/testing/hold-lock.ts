import { lockFolder } from '../folder-lock.ts';

/** Locks the given folder and reports it. Then ends with status 3 where `exit` is given, else waits to be killed. */
const [folder = '', end] = process.argv.slice(2);
await lockFolder(folder);
process.stdout.write('held\n');
if (end === 'exit') process.exit(3);
setInterval(() => undefined, 1000);
