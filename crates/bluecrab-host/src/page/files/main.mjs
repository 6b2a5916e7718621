// The developer's page of `bluecrab dev`.

import { callList } from './calls.mjs';
import { setText } from './dom.mjs';
import { size } from './format.mjs';
import { showFunctions } from './functions.mjs';
import { listen, NeedsKey, setKey } from './host.mjs';
import { showSources } from './sources.mjs';

/** The pause before the page connects again, in milliseconds. */
const PAUSE = 1000;

const find = (selector) => document.querySelector(selector);
let app = null;
let memory = null;
const calls = callList(find('#calls-list'), find('#no-calls'), () => app);

/** Says how the app is. */
function showState() {
  const stale = app.stale === null ? '' : `; the previous code keeps serving: ${app.stale}`;
  const states = {
    ready: `worker ${app.workerProcessId}${stale}`,
    starting: 'the worker is starting',
    failing: 'the worker does not start; the host tries again',
    failed: `the app cannot be served: ${app.reason}`,
  };
  setText(find('#state'), states[app.state]);
  setText(find('#memory'), app.state === 'ready' && memory !== null ? size(memory) : '');
}

const EVENTS = {
  app(described) {
    app = described;
    setText(find('#app'), app.name ?? '');
    document.title = app.name === null ? 'bluecrab dev' : `${app.name} – bluecrab dev`;
    // While a worker starts, its functions are not known. Those of the last worker stay.
    if (app.state === 'ready') showFunctions(find('#functions'), app.functions);
    showState();
  },
  calls(event) {
    memory = event.memory;
    calls.take(event);
    if (app !== null) showState();
  },
  sources: showSources,
};

async function follow() {
  for (;;) {
    try {
      find('#key').hidden = true;
      await listen((name, data) => EVENTS[name]?.(data));
      setText(find('#state'), 'The host has stopped. Waiting for it…');
    } catch (error) {
      if (error instanceof NeedsKey) {
        await askForKey();
        continue;
      }
      setText(find('#state'), 'The host does not answer. Waiting for it…');
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Waits until a key has been entered. */
function askForKey() {
  setText(find('#state'), 'A key is needed');
  find('#key').hidden = false;
  find('#key-value').focus();
  return new Promise((resolve) => {
    const submit = (event) => {
      event.preventDefault();
      setKey(find('#key-value').value);
      resolve();
    };
    find('#key').addEventListener('submit', submit, { once: true });
  });
}

find('#pause').addEventListener('click', ({ target }) => {
  const pauses = target.textContent === 'Pause';
  target.textContent = pauses ? 'Resume' : 'Pause';
  calls.pause(pauses);
});

follow();
