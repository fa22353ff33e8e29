import { register } from 'node:module';

// `node --import <this file> script.ts`: for tests that need a process of their own.
register('./typescript-hooks.mjs', import.meta.url);
