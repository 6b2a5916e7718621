// A log hook as tracing libraries have it: it adds what it finds in the async context of the invocation, or it throws.

const { AsyncLocalStorage } = require('node:async_hooks');
const { app } = require('@azure/functions');

const invocation = new AsyncLocalStorage();

app.hook.preInvocation((context) => {
  const { functionHandler, invocationContext } = context;
  if (!isHooked) patch(invocationContext);
  context.functionHandler = (...args) =>
    invocation.run(`within ${invocationContext.invocationId}`, () => functionHandler(...args));
});

const isHooked = hook();

function hook() {
  try {
    app.hook.log((entry) => {
      if (entry.category === 'user') entry.message = changed(entry.message);
    });
    return true;
  } catch {
    // Some versions of the platform's worker know no log hooks.
    return false;
  }
}

/** Without log hooks, tracing libraries put their own functions in place of the context's. */
function patch(context) {
  for (const method of ['info', 'warn', 'error']) {
    const log = context[method].bind(context);
    context[method] = (message) => log(changed(message));
  }
}

function changed(message) {
  if (process.env.FAULTS_LOG_HOOK === 'throws') throw new Error('the hook is broken');
  return `${message} ${invocation.getStore()}`;
}
