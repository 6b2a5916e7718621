// A log hook as in tracing libraries. It adds a text from the async context of the invocation to each entry, or it
// throws.

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
    // Some versions of the platform's worker do not support log hooks.
    return false;
  }
}

/** Without log hooks, tracing libraries replace the log functions of the context. */
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
