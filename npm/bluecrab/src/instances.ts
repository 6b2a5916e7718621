// The instance of a module on one thread: made when it is first called, and anew when it has failed or grown too large.

import { type GuestResponse, Instance, type Log, type RequestBody } from './instance';

/** What instances are made of; it crosses to a thread as it is. */
export interface Blueprint {
  /** The module's file, which names it. */
  file: string;
  compiled: WebAssembly.Module;
  /** The environment variables that it sees. */
  env: readonly string[];
  /** Past so much memory after a call, the next call gets a new instance. */
  recycleBytes: number;
}

/** One function called once. */
export interface Call {
  export: string;
  head: string;
  body: RequestBody;
}

const instances = new Map<string, Instance>();

/** Calls a function in this thread's instance of the module. Throws what the instance throws. */
export function call(blueprint: Blueprint, { export: name, head, body }: Call, log: Log): GuestResponse {
  const { file, compiled, env, recycleBytes } = blueprint;
  const instance = instances.get(file) ?? new Instance(compiled, env, log);
  instances.delete(file);
  instance.log = log;
  const response = instance.call(name, head, body);
  if (instance.memoryBytes <= recycleBytes) instances.set(file, instance);
  return response;
}
