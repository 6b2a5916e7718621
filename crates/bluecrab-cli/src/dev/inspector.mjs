// Runs before the app in each worker of `bluecrab dev --watch`, after a line that sets `port`. A debugger finds every
// worker on the same port, although the worker before it keeps the port until its calls have ended.

import { isMainThread } from 'node:worker_threads';

if (isMainThread && !(await listen())) {
  console.error(`Port ${port} is in use: a debugger can attach when it is free`);
  wait();
}

function wait() {
  setTimeout(async () => {
    if (!(await listen())) wait();
  }, 100).unref();
}

/** Lets a debugger attach if the port is free. The inspector itself would report each attempt. */
async function listen() {
  const { createServer } = await import('node:net');
  const { default: inspector } = await import('node:inspector');
  // NODE_OPTIONS may have let a debugger attach on another port: by `--inspect`, or by VS Code's debug terminal.
  if (inspector.url()) return true;
  const server = createServer();
  const isFree = await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
  if (isFree) inspector.open(port);
  return isFree;
}
