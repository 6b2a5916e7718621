// Runs a program on this thread: a WASI command, in a new instance for each call.

import { basename } from 'node:path';
import { releaseBuffer } from '../buffers';
import { collectGarbage } from '../collectGarbage';
import { Fuel } from '../fuel';
import type { GuestResponse } from '../guest';
import { GuestLog, type Log, LogLines } from '../log';
import { START_EXPORT } from '../module/limits';
import type { Stopwatch } from '../serverTiming';
import { trap } from '../trap';
import { Descriptors, Input, OpenFolder, Output, UNKNOWN, type WritePiece } from '../wasi/descriptors';
import { wasiImports } from '../wasi/imports';
import { type PostedTree, treeOf } from '../wasi/tree';
import { cgiResponse } from './cgiResponse';
import { OutputBuffer } from './output';

/** Makes instances of a program. It can be posted to a worker thread. */
export interface ProgramTemplate {
  file: string;
  compiled: WebAssembly.Module;
  /** The arguments after the first, which is the name of the file. */
  args: readonly string[];
  /** The folder that the program sees as `/`. */
  files?: PostedTree | undefined;
  /** Where the standard output goes: the response to a request, an output of the function, or log entries. */
  output: 'response' | 'output' | 'log';
  maxOutputBytes: number;
}

/** What a call brings in addition to the standard input. */
export interface ProgramRequest {
  /** The environment variables, each as `NAME=VALUE`. */
  environ: readonly string[];
  /** Log entries below this level are dropped. */
  logLevel: number;
}

export interface ProgramTask extends ProgramRequest {
  kind: 'program';
  template: ProgramTemplate;
  /** The standard input. Transferred to the thread. */
  body: Uint8Array<ArrayBuffer>;
  isTimed: boolean;
}

/** A thread collects its garbage when programs that have ended leave this much memory. Mostly V8 collects it before. */
const MAX_GARBAGE_BYTES = 256 << 20;

let garbageBytes = 0;

interface Exports {
  memory: WebAssembly.Memory;
  _start(): void;
  [START_EXPORT]?(): void;
}

/**
 * Runs a program. Its standard error goes to the log.
 *
 * @throws Error if the program traps, ends with another exit code than 0, writes too much, or writes a wrong response
 */
export function callProgram(task: ProgramTask, log: Log, stopwatch?: Stopwatch): GuestResponse {
  const guestLog = new GuestLog(log, task.logLevel);
  try {
    const output = run(task, guestLog, stopwatch);
    const response = responseOf(task, output);
    stopwatch?.lap('copy-out');
    return response;
  } finally {
    guestLog.end();
    releaseBuffer(task.body);
    // `run` has returned, so no stack frame refers to the instance any more.
    if (garbageBytes > MAX_GARBAGE_BYTES) {
      garbageBytes = 0;
      collectGarbage();
    }
  }
}

/** Returns the standard output. */
function run(
  { template, environ, body }: ProgramTask,
  log: GuestLog,
  stopwatch: Stopwatch | undefined,
): Uint8Array<ArrayBuffer> {
  const { file, compiled, args, maxOutputBytes } = template;
  const lines = new LogLines(() => log);
  const output = new OutputBuffer(maxOutputBytes);
  // Why the program ended by a trap: `code` if it has exited, `reason` if it was stopped.
  const end: { code?: number; reason?: Error } = {};
  const write: WritePiece = (bytes) => {
    if (output.add(bytes())) return;
    end.reason = new Error(
      `it wrote more than ${maxOutputBytes} bytes to its standard output; raise maxOutputBytes to allow more`,
    );
    trap();
  };
  const toLog =
    (level: 'information' | 'error'): WritePiece =>
    (...piece) =>
      lines.writePiece(level, ...piece);
  const streams = [
    new Input(UNKNOWN, body),
    new Output(UNKNOWN, template.output === 'log' ? toLog('information') : write),
    new Output(UNKNOWN, toLog('error')),
  ];
  const folders = template.files ? [new OpenFolder(treeOf(template.files), '/')] : [];
  const length = template.output === 'response' && body.length > 0 ? [`CONTENT_LENGTH=${body.length}`] : [];
  const imports = wasiImports(() => exports.memory.buffer as ArrayBuffer, {
    args: [basename(file), ...args],
    environ: [...environ, ...length],
    descriptors: new Descriptors(...streams, ...folders),
    exit: (code) => {
      end.code = code;
      return trap();
    },
    fuel: new Fuel(),
  });
  const instance = new WebAssembly.Instance(compiled, { wasi_snapshot_preview1: imports });
  const exports = instance.exports as unknown as Exports;
  // The time to make an instance counts as waiting.
  stopwatch?.lap('queue');
  try {
    exports[START_EXPORT]?.();
    exports._start();
  } catch (error) {
    // Formatting the stack drops the error's reference to the instance.
    if (error instanceof Error) void error.stack;
    if (end.code === undefined) throw end.reason ?? error;
  } finally {
    lines.flush();
    garbageBytes += exports.memory.buffer.byteLength;
  }
  stopwatch?.lap('compute');
  if (end.code) throw new Error(`it ended with exit code ${end.code}`);
  return output.bytes;
}

function responseOf({ template }: ProgramTask, output: Uint8Array<ArrayBuffer>): GuestResponse {
  if (template.output === 'response') return cgiResponse(output);
  // Without output there is nothing to write.
  return { status: output.length === 0 ? 204 : 200, headers: [], body: output };
}
