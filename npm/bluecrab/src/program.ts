// Registers programs: WASI commands, which know nothing of this library.

import { app, type HttpMethod, type RetryOptions } from '@azure/functions';
import { cgiVariablesWriter } from './http/cgiVariables';
import { httpHandler } from './http/handler';
import { streamLongBodies } from './http/streaming';
import { withWholeResponses } from './http/wholeResponse';
import { minimumLevel } from './logLevel';
import { RETURN } from './module/bindings';
import type { ProgramRequest, ProgramTemplate } from './program/call';
import { readFiles } from './program/files';
import { loadProgram } from './program/program';
import { variablesReader } from './program/variables';
import type { Runner } from './run';
import { checkedTimeout } from './settings';
import { returnsText, triggerHandler } from './trigger/handler';
import { isBatch } from './trigger/payload';
import { triggerVariables } from './trigger/programVariables';
import { registerTrigger } from './trigger/register';

const DEFAULT_BYTES = 100 << 20;
const DEFAULT_MEMORY_BYTES = 1 << 30;

/** A trigger or an output, in the words of the v4 model, such as `{ type: 'queue', queueName: 'done' }`. */
export interface ProgramBinding {
  type: string;
  [option: string]: unknown;
}

/** How a program is registered. For a module, the manifest says this. */
export interface ProgramOptions {
  /** The function's name, unique in the app. */
  name: string;
  /**
   * The route template, by default the name. The part of a path that a parameter matches, such as `{*path}`, is the
   * program's `PATH_INFO`.
   */
  route?: string;
  /** The HTTP methods, by default GET and POST. */
  methods?: HttpMethod[];
  /** The authorization level, by default `anonymous`. */
  authLevel?: 'anonymous' | 'function' | 'admin';
  /** The arguments of the program. The name of its file comes before them. */
  args?: readonly string[];
  /**
   * Environment variables, in addition to those that describe the call: `NAME` passes on the app's variable,
   * `NAME=VALUE` sets one. `HTTP_AUTHORIZATION` passes on the header field `Authorization`, which is withheld
   * otherwise.
   */
  env?: readonly string[];
  /**
   * A folder that the program sees as `/`. It is read now, into memory; the program cannot change it. A relative path
   * starts at the process's working directory.
   */
  files?: string;
  /** The deadline of a call, by default 30,000. A longer call is stopped and answered with 504. */
  timeoutMs?: number;
  /** The longest standard input, by default 100 MiB. A request with a longer body is answered with 413. */
  maxBodyBytes?: number;
  /** The largest size of the program's memory, by default 1 GiB. */
  maxMemoryBytes?: number;
  /** The longest standard output, by default 100 MiB. A program that writes more is stopped, and its call fails. */
  maxOutputBytes?: number;
  /** What starts the program instead of HTTP: the options of a trigger, with its `type`. */
  trigger?: ProgramBinding;
  /**
   * Where the standard output goes if HTTP does not start the program. Without it, it goes to the log, or back to the
   * agent that has called the program as an MCP tool.
   */
  output?: ProgramBinding;
  /** When a failed call is tried again, for triggers that can do this. */
  retry?: RetryOptions;
}

/**
 * Registers a program with `@azure/functions`: a WebAssembly file with a `main`, compiled for WASI preview 1.
 *
 *     registerProgram('report.wasm', { name: 'report', methods: ['POST'] });
 *
 * Each call runs the program from its start, in a new instance on a worker thread. The program gets the body of the
 * request as its standard input and the request's head as variables of CGI. What it writes to its standard output is
 * the response, with a head as CGI has it or as plain text; its standard error goes to the log. If it does not exit
 * with code 0, the response has status 500.
 *
 * Turns HTTP streaming on for the app if the program accepts bodies longer than 64 KiB.
 *
 * @param path - the program's file. A relative path starts at the process's working directory.
 * @throws Error if a file cannot be read, is not a program, needs more memory than it may have, or an option is wrong
 */
export function registerProgram(path: string | URL, options: ProgramOptions): void {
  if (options.trigger === undefined) registerHttp(path, options);
  else registerOther(path, options, options.trigger);
}

function registerHttp(path: string | URL, options: ProgramOptions): void {
  const { name, route, methods = ['GET', 'POST'], authLevel = 'anonymous', env = [] } = options;
  const unused = (['output', 'retry'] as const).find((option) => options[option] !== undefined);
  if (unused) throw new Error(`function ${name}: the option ${unused} needs a trigger`);
  const runner = programRunner(templateOf(path, options, 'response'));
  const readVariables = variablesReader(env, `function ${name}`);
  const writeCgi = cgiVariablesWriter(route ?? name, env.includes('HTTP_AUTHORIZATION'));
  const { maxBodyBytes } = limitsOf(options);
  streamLongBodies(maxBodyBytes);
  app.http(name, {
    methods,
    authLevel,
    ...(route !== undefined && { route }),
    handler: withWholeResponses(
      httpHandler<ProgramRequest>({
        ...limitsOf(options),
        runner,
        request: (request, { functionName }) => ({
          environ: [...writeCgi(request), ...readVariables()],
          logLevel: minimumLevel(functionName),
        }),
      }),
    ),
  });
}

function registerOther(path: string | URL, options: ProgramOptions, trigger: ProgramBinding): void {
  const { name, env = [], output, retry } = options;
  const unused = (['route', 'methods', 'authLevel'] as const).find((option) => options[option] !== undefined);
  if (unused)
    throw new Error(`function ${name}: the option ${unused} is for HTTP, but it has another trigger`);
  if (isBatch(trigger))
    throw new Error(`function ${name}: a program takes one message at a time; leave out cardinality: 'many'`);
  const runner = programRunner(templateOf(path, options, output || returnsText(trigger) ? 'output' : 'log'));
  const readVariables = variablesReader(env, `function ${name}`);
  const bindings = { inputs: [], outputs: output ? [{ ...output, name: RETURN }] : [] };
  const handler = triggerHandler<ProgramRequest>({
    ...limitsOf(options),
    ...bindings,
    trigger,
    runner,
    request: (context) => ({
      environ: [...triggerVariables(context), ...readVariables()],
      logLevel: minimumLevel(context.functionName),
    }),
  });
  registerTrigger({ name, ...bindings, ...(retry && { retry }) }, trigger, handler);
}

function limitsOf({ name, timeoutMs = 30_000, maxBodyBytes = DEFAULT_BYTES }: ProgramOptions) {
  return { name, timeoutMs: checkedTimeout(timeoutMs, `function ${name}: timeoutMs`), maxBodyBytes };
}

function templateOf(
  path: string | URL,
  {
    name,
    args = [],
    files,
    maxMemoryBytes = DEFAULT_MEMORY_BYTES,
    maxOutputBytes = DEFAULT_BYTES,
  }: ProgramOptions,
  output: ProgramTemplate['output'],
): ProgramTemplate {
  const wrong = args.find((argument) => argument.includes('\0'));
  if (wrong !== undefined)
    throw new Error(`function ${name}: the argument ${JSON.stringify(wrong)} contains a NUL`);
  return {
    ...loadProgram(path, maxMemoryBytes),
    args,
    ...(files !== undefined && { files: readFiles(files) }),
    output,
    maxOutputBytes,
  };
}

function programRunner(template: ProgramTemplate): Runner<ProgramRequest> {
  return {
    task: (request, isTimed) => (body) => ({ kind: 'program', template, ...request, body, isTimed }),
  };
}
