// What the worker tells the host about itself.

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
 * Runs `start`. If `start` opens a listener without a host name, the listener is bound to 127.0.0.1 and never closes an
 * idle connection.
 *
 * Otherwise the library's listener for streamed requests would accept connections on all interfaces. It would also
 * close a connection after five idle seconds. If a function blocks the event loop for so long, that would happen before
 * the listener reads a request that has arrived meanwhile. The host is the only client, and it closes the connections
 * itself.
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
