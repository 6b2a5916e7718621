// The Node.js worker. It connects to the host that started it, and runs until the host ends.

import { readFlags } from './flags';
import { Stream } from './stream';
import { Worker } from './worker';

function main(): void {
  const flags = readFlags(process.argv.slice(2));
  const stream = new Stream(flags.uri, flags.maxMessageLength);
  const worker = new Worker(stream);
  stream.onMessage((message) => worker.receive(message));
  // A worker must not outlive its host.
  stream.onEnd(() => process.exit(0));
  stream.send({ requestId: flags.requestId, startStream: { workerId: flags.workerId } });
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
