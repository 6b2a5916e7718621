// What runs on a worker thread: an instance of a component, called once after the other.

import { pathToFileURL } from 'node:url';
import { collect } from './collect';
import {
  IncomingRequest,
  type OutgoingResponse,
  type ReceivedRequest,
  ResponseOutparam,
} from './componentHttp';
import { world } from './componentWorld';
import { type Level, LogLines, MAX_LOG_ENTRIES } from './log';
import { transferred } from './transferred';

/** What instances are made of; it crosses to a thread as it is. */
export interface ComponentBlueprint {
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
  blueprint: ComponentBlueprint;
  request: ReceivedRequest;
}

export interface ComponentOutcome {
  entries: [Level, string][];
  failure?: string;
  response?: undefined | { status: number; headers: [string, string][]; body: Uint8Array<ArrayBuffer> };
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
  log(level: Level, message: string): void;
}

const instances = new Map<string, Instance>();

export default async function call(task: ComponentTask): Promise<unknown> {
  const { outcome, isLarge } = await run(task);
  // No frame refers to the instance any more.
  if (isLarge) collect();
  return transferred(outcome, outcome.response ? [outcome.response.body.buffer] : []);
}

/** Calls the component; tells too whether it has left much memory to be freed. */
async function run({
  blueprint,
  request,
}: ComponentTask): Promise<{ outcome: ComponentOutcome; isLarge: boolean }> {
  const outcome: ComponentOutcome = { entries: [] };
  const { id, recycleBytes } = blueprint;
  let instance: Instance | undefined;
  try {
    instance = instances.get(id) ?? (await newInstance(blueprint));
    // After a trap it refuses every call: it comes back only where it has answered.
    instances.delete(id);
    instance.log = (level, message) => {
      // One more than are kept tells that there are more.
      if (outcome.entries.length <= MAX_LOG_ENTRIES) outcome.entries.push([level, message]);
    };
    const outparam = new ResponseOutparam();
    instance.handle(new IncomingRequest(request), outparam);
    outcome.response = responseOf(outparam);
    if (instance.memoryBytes() <= recycleBytes) instances.set(id, instance);
  } catch (error) {
    // An error refers to the instance whose frames it has seen, until its stack is a text.
    if (error instanceof Error) void error.stack;
    outcome.failure = error instanceof Error ? error.message : String(error);
  }
  instance?.lines.flush();
  return { outcome, isLarge: instance !== undefined && instance.memoryBytes() > recycleBytes };
}

async function newInstance({ file, modules, env }: ComponentBlueprint): Promise<Instance> {
  const bindings: Bindings = await import(pathToFileURL(file).href);
  const memories: WebAssembly.Memory[] = [];
  const instance: Instance = {
    handle: () => undefined,
    memoryBytes: () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    lines: new LogLines((level, message) => instance.log(level, message)),
    log: () => undefined,
  };
  const imports = world(env, (level, bytes) => instance.lines.write(level, bytes));
  const { incomingHandler } = bindings.instantiate(
    (name) => modules.get(name),
    imports,
    (module, coreImports) => {
      const core = new WebAssembly.Instance(module, coreImports);
      const { memory } = core.exports;
      if (memory instanceof WebAssembly.Memory) memories.push(memory);
      return core;
    },
  );
  instance.handle = incomingHandler.handle;
  return instance;
}

function responseOf({ response }: ResponseOutparam): ComponentOutcome['response'] {
  if (response === undefined) throw new Error('it gave no response');
  if (response.tag === 'err') throw new Error(`it gave the error ${response.val.tag}`);
  const made: OutgoingResponse = response.val;
  const headers = made
    .headers()
    .sent()
    .map(([name, value]): [string, string] => [name, Buffer.from(value).toString('latin1')]);
  return { status: made.statusCode(), headers, body: made.content.bytes() };
}
