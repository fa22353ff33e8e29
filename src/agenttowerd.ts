#!/usr/bin/env node
import { createRequire } from 'node:module';
import type * as Compose from './compose/run-daemon.ts';

/**
 * Node loads as many modules as the daemon has a third faster when they are required than when they are imported, and
 * whoever starts the daemon waits for that. Node 22.0 to 22.11 cannot.
 */
const { runDaemon } = process.features.require_module
  ? (createRequire(import.meta.url)('./compose/run-daemon.js') as typeof Compose)
  : await import('./compose/run-daemon.ts');

process.exitCode = await runDaemon(process.argv.slice(2));
