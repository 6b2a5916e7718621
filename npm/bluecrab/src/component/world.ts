// What a component may import: clocks, random numbers, its output, HTTP types. No files and no processes; the network
// is refused.

import { randomFillSync } from 'node:crypto';
import { trap } from '../trap';
import { network } from './network';
import * as http from './wasiHttp';
import { checkLength, InputStream, IoError, OutputStream, Pollable, poll } from './wasiIo';

const NANOSECONDS = 1_000_000;

class Terminal {}
class Descriptor {}
class DirectoryEntryStream {}

/** Interfaces by the names that jco's bindings use, such as `wasi:cli/exit`. */
export type World = Record<string, Record<string, unknown>>;

/** Where the effects of a component go. */
export interface Effects {
  /** Receives what the component writes to its standard output and error. */
  print(level: 'information' | 'error', bytes: Uint8Array): void;
  /** Writes a warning into the log. */
  warn(message: string): void;
  /** Ends the component. */
  exit(): never;
}

/** Returns the interfaces of WASI 0.2 that a component may import. */
export function world(env: readonly string[], { print, warn, exit }: Effects): World {
  return {
    ...network(warn),
    'wasi:cli/environment': {
      getEnvironment: () => env.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])),
      getArguments: () => [],
      initialCwd: () => undefined,
    },
    'wasi:cli/exit': { exit, exitWithCode: exit },
    'wasi:cli/stdin': { getStdin: () => new InputStream(new Uint8Array()) },
    'wasi:cli/stdout': { getStdout: () => new OutputStream((bytes) => print('information', bytes)) },
    'wasi:cli/stderr': { getStderr: () => new OutputStream((bytes) => print('error', bytes)) },
    'wasi:cli/terminal-input': { TerminalInput: Terminal },
    'wasi:cli/terminal-output': { TerminalOutput: Terminal },
    'wasi:cli/terminal-stdin': { getTerminalStdin: () => undefined },
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => undefined },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => undefined },
    'wasi:clocks/monotonic-clock': {
      now: () => process.hrtime.bigint(),
      resolution: () => 1n,
      subscribeInstant: (instant: bigint) => after(instant - process.hrtime.bigint()),
      subscribeDuration: after,
    },
    'wasi:clocks/wall-clock': {
      now: wallClock,
      resolution: () => ({ seconds: 0n, nanoseconds: NANOSECONDS }),
    },
    'wasi:filesystem/preopens': { getDirectories: () => [] },
    'wasi:filesystem/types': { Descriptor, DirectoryEntryStream, filesystemErrorCode: () => undefined },
    'wasi:http/types': { ...http },
    'wasi:io/error': { Error: IoError },
    'wasi:io/poll': { Pollable, poll },
    'wasi:io/streams': { InputStream, OutputStream },
    'wasi:random/random': { getRandomBytes: randomBytes, getRandomU64: randomU64 },
    'wasi:random/insecure': { getInsecureRandomBytes: randomBytes, getInsecureRandomU64: randomU64 },
    'wasi:random/insecure-seed': { insecureSeed: () => [randomU64(), randomU64()] },
  };
}

/**
 * Returns an import that the library does not provide, if there is one.
 *
 * @param imports - the names of interfaces
 */
export function missingImport(imports: readonly string[]): string | undefined {
  const known = world([], { print: () => undefined, warn: () => undefined, exit: trap });
  return imports.find((name) => !Object.hasOwn(known, name));
}

function after(nanoseconds: bigint): Pollable {
  return new Pollable(performance.now() + Number(nanoseconds) / NANOSECONDS);
}

function wallClock(): { seconds: bigint; nanoseconds: number } {
  const now = Date.now();
  return { seconds: BigInt(Math.floor(now / 1000)), nanoseconds: (now % 1000) * NANOSECONDS };
}

function randomBytes(length: bigint): Uint8Array {
  checkLength(length, 'random bytes');
  return randomFillSync(new Uint8Array(Number(length)));
}

function randomU64(): bigint {
  return new DataView(randomBytes(8n).buffer).getBigUint64(0);
}
