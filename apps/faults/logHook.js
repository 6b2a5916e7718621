// A log hook as tracing libraries have it: it adds what it finds in the async context of the invocation, or it throws.

const { AsyncLocalStorage } = require('node:async_hooks');
const { app } = require('@azure/functions');

const invocation = new AsyncLocalStorage();

app.hook.preInvocation((context) => {
  const { functionHandler, invocationContext } = context;
  context.functionHandler = (...args) =>
    invocation.run(`within ${invocationContext.invocationId}`, () => functionHandler(...args));
});

app.hook.log((entry) => {
  if (entry.category !== 'user') return;
  if (process.env.FAULTS_LOG_HOOK === 'throws') throw new Error('the hook is broken');
  entry.message += ` ${invocation.getStore()}`;
});
