// What this worker tells the host of itself.

import { Server as HttpServer } from 'node:http';
import { Server } from 'node:net';
import type { ProgrammingModel } from '@azure/functions-core';
import type { WorkerMetadata } from './messages';

declare const WORKER_VERSION: string;
export const version = WORKER_VERSION;

const own = {
  RawHttpBodyBytes: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  RpcHttpBodyOnly: 'true',
  IgnoreEmptyValuedRpcHttpHeaders: 'true',
  UseNullableValueDictionaryForHttp: 'true',
  WorkerStatus: 'true',
  TypedDataCollection: 'true',
  HandlesWorkerTerminateMessage: 'true',
};

export async function capabilities(model: ProgrammingModel | undefined): Promise<Record<string, string>> {
  const all: Record<string, string> =
    (await onLoopback(async () => model?.getCapabilities?.({ ...own }))) ?? own;
  const { HttpUri } = all;
  return HttpUri === undefined ? all : { ...all, HttpUri: HttpUri.replace('//localhost:', '//127.0.0.1:') };
}

export function workerMetadata(): WorkerMetadata {
  return {
    runtimeName: 'node',
    runtimeVersion: process.versions.node,
    workerVersion: version,
    workerBitness: process.arch,
  };
}

/**
 * Runs `start` with every listener that it opens without naming a host bound to 127.0.0.1, and its connections kept.
 *
 * The library's listener for streamed requests binds to all interfaces otherwise. And it would close a connection after
 * five idle seconds: after a function that has kept the event loop for so long, before it reads the request that has come
 * meanwhile. The host, its only client, closes what it does not need.
 */
async function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    if (this instanceof HttpServer) this.keepAliveTimeout = 0;
    const port = typeof args[0] === 'number' ? args[0] : 0;
    const namesHost = typeof args[0] === 'object' || typeof args[1] === 'string';
    const callback = args.find((argument) => typeof argument === 'function');
    const bound = namesHost ? args : [{ port, host: '127.0.0.1' }, ...(callback ? [callback] : [])];
    return Reflect.apply(listen, this, bound);
  } as typeof listen;
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
}
