// The instance of a component on one thread: made when it is first called, and anew when it has failed or grown too large.

import { pathToFileURL } from 'node:url';
import { collect } from '../collect';
import { GuestLog, type Log, LogLines } from '../log';
import type { GuestResponse } from '../module/instance';
import type { Stopwatch } from '../serverTiming';
import { trap } from '../trap';
import { IncomingRequest, type OutgoingResponse, type RequestHead, ResponseOutparam } from './wasiHttp';
import { world } from './world';

/** What instances are made of; it crosses to a thread as it is. */
export interface ComponentTemplate {
  /** Names its instances on a thread. */
  id: string;
  /** The bindings that jco wrote. */
  file: string;
  /** The core modules beside them. */
  modules: ReadonlyMap<string, WebAssembly.Module>;
  env: readonly string[];
  recycleBytes: number;
}

export interface ComponentTask {
  kind: 'component';
  template: ComponentTemplate;
  request: RequestHead;
  body: Uint8Array<ArrayBuffer>;
  /** Log entries below this level are dropped. */
  logLevel: number;
  isTimed: boolean;
}

interface Bindings {
  instantiate(
    coreModule: (name: string) => WebAssembly.Module | undefined,
    imports: ReturnType<typeof world>,
    instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
  ): { incomingHandler: { handle(request: IncomingRequest, outparam: ResponseOutparam): void } };
}

interface Instance {
  handle(request: IncomingRequest, outparam: ResponseOutparam): void;
  memoryBytes(): number;
  lines: LogLines;
  /** The log of the running call. */
  log: GuestLog;
  /** Set when it has ended itself. */
  exit?: Error;
}

/** A component may make as many instances of its core modules, each with a memory and tables; most make three or four. */
const MAX_CORE_INSTANCES = 100;

const instances = new Map<string, Instance>();

/** How a call ended, and whether it has left much memory to be freed. */
type CallResult = { isLarge: boolean } & ({ response: GuestResponse } | { error: unknown });

/** Calls a component in this thread's instance of it. Throws what the instance throws. */
export async function callComponent(
  task: ComponentTask,
  log: Log,
  stopwatch?: Stopwatch,
): Promise<GuestResponse> {
  const guestLog = new GuestLog(log, task.logLevel);
  const result = await run(task, guestLog, stopwatch);
  guestLog.end();
  // No frame refers to the instance any more.
  if (result.isLarge) collect();
  if ('error' in result) throw result.error;
  return result.response;
}

async function run(
  { template, request, body }: ComponentTask,
  log: GuestLog,
  stopwatch: Stopwatch | undefined,
): Promise<CallResult> {
  const { id, recycleBytes } = template;
  let instance: Instance | undefined;
  const isLarge = () => instance !== undefined && instance.memoryBytes() > recycleBytes;
  try {
    instance = instances.get(id) ?? (await newInstance(template, log));
    // After a trap it refuses every call: it comes back only if it has answered.
    instances.delete(id);
    instance.log = log;
    // To make an instance is a part of getting ready.
    stopwatch?.lap('queue');
    const outparam = new ResponseOutparam();
    instance.handle(new IncomingRequest(request, body), outparam);
    // It may have caught its own exit.
    if (instance.exit) throw instance.exit;
    stopwatch?.lap('compute');
    const response = responseOf(outparam);
    stopwatch?.lap('copy-out');
    if (!isLarge()) instances.set(id, instance);
    return { isLarge: isLarge(), response };
  } catch (error) {
    // Formatting the stack drops the error's reference to the instance.
    if (error instanceof Error) void error.stack;
    return { isLarge: isLarge(), error: instance?.exit ?? error };
  } finally {
    instance?.lines.flush();
  }
}

async function newInstance({ file, modules, env }: ComponentTemplate, log: GuestLog): Promise<Instance> {
  const bindings: Bindings = await import(pathToFileURL(file).href);
  const memories: WebAssembly.Memory[] = [];
  const instance: Instance = {
    handle: () => undefined,
    memoryBytes: () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    lines: new LogLines(() => instance.log),
    log,
  };
  const exit = () => {
    instance.exit = new Error('it ended itself');
    return trap();
  };
  const imports = world(env, (level, bytes) => instance.lines.write(level, bytes), exit);
  let cores = 0;
  const { incomingHandler } = bindings.instantiate(
    (name) => modules.get(name),
    imports,
    (module, coreImports) => {
      if (++cores > MAX_CORE_INSTANCES)
        throw new Error(`it has more than ${MAX_CORE_INSTANCES} core instances`);
      const core = new WebAssembly.Instance(module, coreImports);
      const { memory } = core.exports;
      if (memory instanceof WebAssembly.Memory) memories.push(memory);
      return core;
    },
  );
  instance.handle = incomingHandler.handle;
  return instance;
}

/** Header fields that are the library's to set. */
const SET_BY_LIBRARY = new Set([
  'content-length',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function responseOf({ response }: ResponseOutparam): GuestResponse {
  if (response === undefined) throw new Error('it gave no response');
  if (response.tag === 'err') throw new Error(`it gave the error ${response.val.tag}`);
  const made: OutgoingResponse = response.val;
  const headers = made
    .headers()
    .sent()
    .filter(([name]) => !SET_BY_LIBRARY.has(name.toLowerCase()))
    .map(([name, value]): [string, string] => [name, Buffer.from(value).toString('latin1')]);
  return { status: made.statusCode(), headers, body: made.content.bytes() };
}
