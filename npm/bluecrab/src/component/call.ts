// Calls a component on this thread. The thread makes an instance for each call, or keeps one instance of each component
// until a call fails or its memory is large.

import { pathToFileURL } from 'node:url';
import { dropMemory } from '../collectGarbage';
import { type GuestResponse, isGuestField } from '../guest';
import { GuestLog, LEVELS, type Log, LogLines } from '../log';
import type { Stopwatch } from '../serverTiming';
import { trap } from '../trap';
import { startUsage } from './usage';
import { IncomingRequest, type OutgoingResponse, type RequestHead, ResponseOutparam } from './wasiHttp';
import { world } from './world';

/** Makes instances of a component. It can be posted to a worker thread. */
export interface ComponentTemplate {
  /** Threads keep their instances by this name. */
  id: string;
  /** The JavaScript file with the bindings, written by jco. */
  file: string;
  /** The core modules in the folder of `file`, by file name. */
  cores: ReadonlyMap<string, CoreModule>;
  /** Whether an instance answers more than one call. */
  isKept: boolean;
  /** The environment variables that the component may read. */
  env: readonly string[];
  /** The largest size of each memory, and of all bodies and header fields that a call keeps in JavaScript. */
  maxMemoryBytes: number;
  /** An instance with more memory than this after a call is replaced. */
  recycleBytes: number;
}

/** A core module of a component. */
export interface CoreModule {
  compiled: WebAssembly.Module;
  /** Whether each of its instances has a memory of its own. */
  hasMemory: boolean;
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
  /** How many calls it has answered. */
  answered: number;
  handle(request: IncomingRequest, outparam: ResponseOutparam): void;
  memoryBytes(): number;
  lines: LogLines;
  /** The log of the running call. */
  log: GuestLog;
  /** Set when the component has ended itself. */
  exit?: Error;
}

/** Explains the failure of an instance's second call. */
const ONE_CALL =
  "this was the second call of its instance; if an instance can answer only one, register the component with instance: 'call'";

/** How many calls an instance answers. The bindings of jco 0.15 never free about 200 bytes of each call. */
const MAX_CALLS = 10_000;

/** How many core modules one component may instantiate, each with tables. Most components need three or four. */
const MAX_CORE_INSTANCES = 100;
/** How many memories one component may have. Components that are made of several others need more than one. */
const MAX_MEMORIES = 10;

const instances = new Map<string, Instance>();

/** `droppedBytes`: the memory of the instance, if no other call will use it. */
type CallResult = { droppedBytes: number } & ({ response: GuestResponse } | { error: unknown });

/**
 * Calls an instance of a component.
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
  dropMemory(result.droppedBytes, task.template.recycleBytes);
  if ('error' in result) throw result.error;
  return result.response;
}

/**
 * Makes an instance of a component for this thread's next call.
 *
 * @param log - receives entries of level error and above
 */
export async function prepareComponent(template: ComponentTemplate, log: Log): Promise<void> {
  if (instances.has(template.id)) return;
  startUsage(template.maxMemoryBytes);
  const guestLog = new GuestLog(log, LEVELS.indexOf('error'));
  const instance = await newInstance(template, guestLog);
  instance.lines.flush();
  guestLog.end();
  instances.set(template.id, instance);
}

async function run(
  { template, request, body }: ComponentTask,
  log: GuestLog,
  stopwatch: Stopwatch | undefined,
): Promise<CallResult> {
  const { id, isKept, maxMemoryBytes, recycleBytes } = template;
  let instance: Instance | undefined;
  try {
    startUsage(maxMemoryBytes);
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
    instance.answered++;
    const bytes = instance.memoryBytes();
    const isWorn = instance.answered >= MAX_CALLS;
    if (!isKept || isWorn || bytes > recycleBytes) return { droppedBytes: bytes, response };
    instances.set(id, instance);
    return { droppedBytes: 0, response };
  } catch (error) {
    // Formatting the stack drops the error's reference to the instance.
    if (error instanceof Error) void error.stack;
    if (instance?.answered === 1) log.add('warning', ONE_CALL);
    // An instance that has failed at its start may have grown its memory to the limit.
    return { droppedBytes: instance?.memoryBytes() ?? maxMemoryBytes, error: instance?.exit ?? error };
  } finally {
    instance?.lines.flush();
  }
}

async function newInstance({ file, cores, env }: ComponentTemplate, log: GuestLog): Promise<Instance> {
  const bindings: Bindings = await import(pathToFileURL(file).href);
  const memories = new Set<WebAssembly.Memory>();
  const instance: Instance = {
    answered: 0,
    handle: () => undefined,
    memoryBytes: () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    lines: new LogLines(() => instance.log),
    log,
  };
  const exit = () => {
    instance.exit = new Error('it ended itself');
    return trap();
  };
  const imports = world(env, {
    print: (level, bytes) => instance.lines.write(level, bytes),
    warn: (message) => instance.log.add('warning', message),
    exit,
  });
  const withMemory = new Set(
    [...cores.values()].flatMap(({ compiled, hasMemory }) => (hasMemory ? compiled : [])),
  );
  let [coreCount, memoryCount] = [0, 0];
  const { incomingHandler } = bindings.instantiate(
    (name) => cores.get(name)?.compiled,
    imports,
    (module, coreImports) => {
      if (++coreCount > MAX_CORE_INSTANCES)
        throw new Error(`it has more than ${MAX_CORE_INSTANCES} core instances`);
      if (withMemory.has(module) && ++memoryCount > MAX_MEMORIES)
        throw new Error(`it has more than ${MAX_MEMORIES} memories`);
      const core = new WebAssembly.Instance(module, coreImports);
      const { memory } = core.exports;
      if (memory instanceof WebAssembly.Memory) memories.add(memory);
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
    .fields()
    .filter(([name]) => isGuestField(name))
    .map(([name, value]): [string, string] => [name, Buffer.from(value).toString('latin1')]);
  return { status: outgoing.statusCode(), headers, body: outgoing.content.bytes() };
}
