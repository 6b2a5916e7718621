// Calls a component on this thread. The thread keeps one instance of each component, until a call fails or its memory
// is large.

import { pathToFileURL } from 'node:url';
import { collectGarbage } from '../collectGarbage';
import { type GuestResponse, isGuestField } from '../guest';
import { GuestLog, type Log, LogLines } from '../log';
import type { Stopwatch } from '../serverTiming';
import { trap } from '../trap';
import { IncomingRequest, type OutgoingResponse, type RequestHead, ResponseOutparam } from './wasiHttp';
import { world } from './world';

/** Makes instances of a component. It can be posted to a worker thread. */
export interface ComponentTemplate {
  /** Threads keep their instances by this name. */
  id: string;
  /** The JavaScript file with the bindings, written by jco. */
  file: string;
  /** The core modules in the folder of `file`, by file name. */
  modules: ReadonlyMap<string, WebAssembly.Module>;
  /** The environment variables that the component may read. */
  env: readonly string[];
  /** An instance with more memory than this after a call is replaced. */
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
  /** Set when the component has ended itself. */
  exit?: Error;
}

/** How many core modules one component may instantiate, each with a memory and tables. Most components need three or four. */
const MAX_CORE_INSTANCES = 100;

const instances = new Map<string, Instance>();

/** `isLarge`: whether the instance has so much memory that it should be freed now. */
type CallResult = { isLarge: boolean } & ({ response: GuestResponse } | { error: unknown });

/**
 * Calls this thread's instance of a component.
 *
 * @throws Error if the component traps, ends itself or returns no response
 */
export async function callComponent(
  task: ComponentTask,
  log: Log,
  stopwatch?: Stopwatch,
): Promise<GuestResponse> {
  const guestLog = new GuestLog(log, task.logLevel);
  const result = await run(task, guestLog, stopwatch);
  guestLog.end();
  // `run` has returned, so no stack frame refers to the instance any more.
  if (result.isLarge) collectGarbage();
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
    // An instance is unusable after a trap, so it is put back only after a response.
    instances.delete(id);
    instance.log = log;
    // The time to make an instance counts as waiting.
    stopwatch?.lap('queue');
    const outparam = new ResponseOutparam();
    instance.handle(new IncomingRequest(request, body), outparam);
    // The component's bindings may have caught the trap of its exit.
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

function responseOf({ response }: ResponseOutparam): GuestResponse {
  if (response === undefined) throw new Error('it returned no response');
  if (response.tag === 'err') throw new Error(`it returned the error ${response.val.tag}`);
  const outgoing: OutgoingResponse = response.val;
  const headers = outgoing
    .headers()
    .forResponse()
    .filter(([name]) => isGuestField(name))
    .map(([name, value]): [string, string] => [name, Buffer.from(value).toString('latin1')]);
  return { status: outgoing.statusCode(), headers, body: outgoing.content.bytes() };
}
