// Plays the host of a real worker process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const root = protobuf.loadSync(path('../../../crates/bluecrab-rpc/proto/FunctionRpc.proto'));
const Message = root.lookupType('AzureFunctionsRpcMessages.StreamingMessage');
const encode = (message) => Message.encode(Message.fromObject(message)).finish();
const decode = (bytes) =>
  Message.toObject(Message.decode(bytes), { enums: String, longs: Number, bytes: Buffer });
const method = {
  path: '/AzureFunctionsRpcMessages.FunctionRpc/EventStream',
  requestStream: true,
  responseStream: true,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
};

/** The worker under test: this package's, or the platform's for comparison. */
const workerFile = process.env.BLUECRAB_WORKER_DIR
  ? join(process.env.BLUECRAB_WORKER_DIR, 'dist/src/nodejsWorker.js')
  : path('../dist/src/nodejsWorker.js');

const folders = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Writes an app below this folder, so that it can load the repository's packages. */
export function writeApp(files) {
  const folder = mkdtempSync(path('./app-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

/** Starts a worker with an app, and completes the handshake. */
export async function start(folder) {
  const server = new Server();
  const messages = [];
  const waiting = [];
  const opened = new Promise((resolve) => {
    server.addService({ eventStream: method }, { eventStream: resolve });
  });
  const bound = new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  const port = await bound;
  const flags = [
    '--functions-uri',
    `http://127.0.0.1:${port}/`,
    '--functions-worker-id',
    'w1',
    '--functions-request-id',
    'r1',
  ];
  flags.push('--functions-grpc-max-message-length', '2147483647');
  const child = spawn(process.execPath, [workerFile, ...flags], {
    stdio: 'inherit',
    cwd: folder,
  });
  const exited = once(child, 'exit');
  const stream = await opened;
  stream.on('error', () => {});
  stream.on('data', (message) => {
    messages.push(message);
    for (const check of [...waiting]) check();
  });
  /** Returns the first message, past or future, that `pick` accepts. */
  const next = (pick) =>
    new Promise((resolve) => {
      const check = () => {
        const found = messages.find(pick);
        if (!found) return;
        waiting.splice(waiting.indexOf(check), 1);
        resolve(found);
      };
      waiting.push(check);
      check();
    });
  const ask = async (requestId, content, member) => {
    stream.write({ requestId, ...content });
    return (await next((message) => message.requestId === requestId && message[member]))[member];
  };
  const { startStream } = await next((message) => message.startStream);
  const init = await ask(
    'init',
    { workerInitRequest: { hostVersion: '4.1037.0', functionAppDirectory: folder } },
    'workerInitResponse',
  );
  const metadata = await ask(
    'meta',
    { functionsMetadataRequest: { functionAppDirectory: folder } },
    'functionMetadataResponse',
  );
  return {
    startStream,
    init,
    metadata,
    messages,
    next,
    ask,
    send: (content) => stream.write(content),
    /** Invokes a function with an HTTP trigger. Returns the InvocationResponse. */
    invoke: (invocationId, functionId, http, triggerMetadata = {}) => {
      const { rawBindings } = metadata.functionMetadataResults.find(
        (found) => found.functionId === functionId,
      ) ?? { rawBindings: [] };
      const trigger = rawBindings.map((text) => JSON.parse(text)).find(({ type }) => type === 'httpTrigger');
      const inputData = [{ name: trigger?.name ?? 'none', data: { http } }];
      const request = { invocationId, functionId, inputData, triggerMetadata };
      return ask(invocationId, { invocationRequest: request }, 'invocationResponse');
    },
    exited: exited.then(([code]) => code),
    closeStream: () => stream.end(),
    stop: () => {
      child.kill();
      server.forceShutdown();
    },
  };
}
