import type * as Yaml from 'yaml';
import { latePackage } from '../lib/late-package.ts';

/** The library that reads and writes YAML. It takes 40 ms to load. */
export const yaml = latePackage('yaml') as () => typeof Yaml;
