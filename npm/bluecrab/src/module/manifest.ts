// A module's manifest: read, checked, completed with defaults. See docs/abi.md, section 4.

import { existsSync, readFileSync } from 'node:fs';
import type { HttpMethod } from '@azure/functions';
import { errorMessage } from '../errorMessage';
import { checkedTimeout } from '../settings';
import { customSectionsOf } from './sections';

/** The version of the manifest that this library reads. */
const VERSION = 1;
/** The library looks for a later version up to this one, to report it. */
const LAST_VERSION = 99;

const METHODS = ['GET', 'POST', 'DELETE', 'HEAD', 'PATCH', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT'];
const AUTH_LEVELS = ['anonymous', 'function', 'admin'] as const;

export interface HttpTrigger {
  type: 'httpTrigger';
  methods: HttpMethod[];
  authLevel: (typeof AUTH_LEVELS)[number];
  route?: string;
}

export interface FunctionDeclaration {
  name: string;
  export: string;
  trigger: HttpTrigger;
  /** The members of the request head, such as `method` or `header:accept`. */
  head: readonly string[];
  /** Whether short calls may run on the event loop, or all calls run on a worker thread. */
  run: 'auto' | 'pool';
  /** The export that runs an example, before the first call. */
  warmUp?: string;
  timeoutMs: number;
  maxBodyBytes: number;
  maxMemoryBytes: number;
  env: readonly string[];
}

/**
 * Reads the declarations of a module from its custom section, or else from the file `NAME.functions.json` next to it.
 *
 * @throws Error that names the file and the line
 */
export function readManifest(bytes: Uint8Array, file: string): FunctionDeclaration[] {
  const lines = manifestLines(bytes, file);
  const declarations = lines.map(({ text, where }) => parse(text, where));
  const names = new Set<string>();
  for (const { name } of declarations) {
    if (names.has(name)) throw new Error(`${file}: the function "${name}" is declared twice`);
    names.add(name);
  }
  return declarations;
}

interface Line {
  text: string;
  where: string;
}

function manifestLines(bytes: Uint8Array, file: string): Line[] {
  const custom = readSections(bytes, file);
  const section = sectionName(VERSION);
  const parts = WebAssembly.Module.customSections(custom, section);
  if (parts.length > 0) {
    const text = parts
      .map((content) => decode(new Uint8Array(content), `${file}, section ${section}`))
      .join('');
    return split(text, `${file}, section ${section}`);
  }
  const sidecar = file.replace(/\.wasm$/, '.functions.json');
  if (sidecar !== file && existsSync(sidecar)) return split(decode(readFileSync(sidecar), sidecar), sidecar);
  for (let version = VERSION + 1; version <= LAST_VERSION; version++) {
    if (WebAssembly.Module.customSections(custom, sectionName(version)).length > 0) {
      throw new Error(
        `${file} declares its functions in version ${version}, this library reads ${VERSION}: update bluecrab`,
      );
    }
  }
  throw new Error(
    `${file} declares no functions: it has no section ${section}, and ${sidecar} does not exist`,
  );
}

function readSections(bytes: Uint8Array, file: string): WebAssembly.Module {
  try {
    return customSectionsOf(bytes);
  } catch (error) {
    throw new Error(`${file} is refused: ${errorMessage(error)}`);
  }
}

function sectionName(version: number): string {
  return `bluecrab.functions.v${version}`;
}

function decode(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${where}: not UTF-8`);
  }
}

function split(text: string, where: string): Line[] {
  const lines = text.split('\n').map((line, index) => ({ text: line, where: `${where}, line ${index + 1}` }));
  return lines.filter((line) => line.text.trim() !== '');
}

function parse(text: string, where: string): FunctionDeclaration {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    throw new Error(`${where}: not JSON: ${errorMessage(error)}`);
  }
  const members = record(line, where);
  const name = string(members, 'name', where);
  if (!/^[a-z][\w-]{0,126}$/i.test(name)) {
    throw new Error(
      `${where}: "${name}" is not a function name: it needs a letter, then letters, digits, - and _`,
    );
  }
  return {
    name,
    export: string(members, 'export', where),
    trigger: trigger(record(members.trigger, `${where}, member trigger`), where),
    head: strings(members, 'head', where),
    run: run(members, where),
    ...(members.warmUp !== undefined && { warmUp: string(members, 'warmUp', where) }),
    timeoutMs: checkedTimeout(members.timeoutMs ?? 30_000, `${where}: the member timeoutMs`),
    maxBodyBytes: integer(members, 'maxBodyBytes', 100 << 20, where),
    maxMemoryBytes: integer(members, 'maxMemoryBytes', 1 << 30, where),
    env: strings(members, 'env', where),
  };
}

function trigger(members: Record<string, unknown>, where: string): HttpTrigger {
  const type = string(members, 'type', where);
  if (type !== 'httpTrigger')
    throw new Error(`${where}: the trigger "${type}" is not supported; only "httpTrigger" is`);
  const named = strings(members, 'methods', where).map((method) => method.toUpperCase());
  const wrong = named.find((method) => !METHODS.includes(method));
  if (wrong !== undefined) throw new Error(`${where}: "${wrong}" is not an HTTP method`);
  const authLevel = members.authLevel ?? 'anonymous';
  const level = AUTH_LEVELS.find((known) => known === authLevel);
  if (level === undefined) throw new Error(`${where}: authLevel must be one of ${AUTH_LEVELS.join(', ')}`);
  return {
    type,
    methods: (named.length > 0 ? named : ['GET', 'POST']) as HttpMethod[],
    authLevel: level,
    ...(members.route !== undefined && { route: string(members, 'route', where) }),
  };
}

function run(members: Record<string, unknown>, where: string): FunctionDeclaration['run'] {
  const run = members.run ?? 'auto';
  if (run === 'auto' || run === 'pool') return run;
  throw new Error(`${where}: the member run is ${JSON.stringify(run)}, but must be "auto" or "pool"`);
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new Error(`${where}: must be a JSON object`);
}

function string(members: Record<string, unknown>, member: string, where: string): string {
  const value = members[member];
  if (typeof value === 'string') return value;
  throw new Error(`${where}: the member ${member} must be a string`);
}

function strings(members: Record<string, unknown>, member: string, where: string): string[] {
  const value = members[member] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new Error(`${where}: the member ${member} must be a list of strings`);
}

function integer(members: Record<string, unknown>, member: string, fallback: number, where: string): number {
  const value = members[member] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${where}: the member ${member} must be a whole number`);
}
