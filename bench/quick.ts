import { benchWholeDaemon } from './whole-daemon.ts';

console.log(await benchWholeDaemon());
