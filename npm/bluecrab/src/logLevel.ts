// The minimum level of a function's log entries, from the app settings and host.json.

import { hostSettings } from './hostJson';
import { LEVELS } from './log';

const SETTING = 'BLUECRAB_LOG_LEVEL';
const WORDS: readonly string[] = [...LEVELS, 'none'];
/** The default of the platform's host. */
const DEFAULT = WORDS.indexOf('information');
const RULE = /^logging:(?:(.+):)?loglevel:(.+)$/;

const known = new Map<string, number>();

/**
 * Returns the minimum level of a function's entries, as a number. `BLUECRAB_LOG_LEVEL` sets it, or else
 * `logging.logLevel` in host.json for the function's category.
 *
 * @throws Error if the app setting is not a level
 */
export function minimumLevel(functionName: string): number {
  const level =
    known.get(functionName) ?? levelOfApp() ?? levelOfHost(`function.${functionName.toLowerCase()}.user`);
  known.set(functionName, level);
  return level;
}

function levelOfApp(): number | undefined {
  const value = process.env[SETTING] ?? '';
  if (value === '') return undefined;
  const level = WORDS.indexOf(value.toLowerCase());
  if (level >= 0) return level;
  throw new Error(`the app setting ${SETTING} is "${value}": expected one of ${WORDS.join(', ')}`);
}

/**
 * Returns the lowest level that any logger of the host accepts. Each logger may have its own rules.
 *
 * @param category - in lower case, like the paths of the settings
 */
function levelOfHost(category: string): number {
  const best = new Map<string, { length: number; level: number }>();
  for (const [path, value] of hostSettings()) {
    const [, logger = '', pattern] = RULE.exec(path) ?? [];
    const level = levelOf(String(value));
    if (pattern === undefined || level < 0) continue;
    const length = pattern === 'default' ? 0 : pattern.length;
    if (matches(pattern, category) && length >= (best.get(logger)?.length ?? 0))
      best.set(logger, { length, level });
  }
  const all = best.has('') ? [...best.values()] : [...best.values(), { level: DEFAULT }];
  return Math.min(...all.map(({ level }) => level));
}

/** Reads the word or the number of a level, as the host does. Returns -1 if it is not a level. */
function levelOf(text: string): number {
  return /^[0-6]$/.test(text) ? Number(text) : WORDS.indexOf(text.toLowerCase());
}

/** Whether a rule applies to a category. As in .NET, it matches the start of a category; `*` matches any text. */
function matches(pattern: string, category: string): boolean {
  const [start = '', end = ''] = pattern.split('*');
  const fits = category.length >= start.length + end.length && category.startsWith(start);
  return pattern === 'default' || (fits && category.endsWith(end));
}
