// The invocations, the newest first. Each can be opened, to see what it received, returned and logged.

import { block, copyButton, make, setText } from './dom.mjs';
import { cause, clock, duration, merged, moment, result, size, stages } from './format.mjs';
import { get } from './host.mjs';
import { cannotRepeat, curl, rustTest } from './repeat.mjs';

const SHOWN = 100;

/** Makes the list of invocations. `app` returns what the host has said about the app. */
export function callList(list, empty, app) {
  let calls = [];
  let isPaused = false;
  const rows = new Map();
  const isOpen = (number) => rows.get(number)?.details.open ?? false;

  function show() {
    if (isPaused) return;
    empty.hidden = calls.length > 0;
    const kept = new Set(calls.map((call) => call.number));
    for (const [number, row] of rows) {
      if (kept.has(number)) continue;
      row.item.remove();
      rows.delete(number);
    }
    let next = list.firstElementChild;
    for (const call of calls) {
      const row = rows.get(call.number) ?? callRow(app);
      rows.set(call.number, row);
      row.show(call);
      if (row.item === next) next = next.nextElementSibling;
      else list.insertBefore(row.item, next);
    }
  }

  return {
    /** Takes an event with changed invocations. */
    take(event) {
      // A host that has begun again counts from 0.
      if (event.isAll) {
        list.replaceChildren();
        rows.clear();
      }
      calls = merged(calls, event, SHOWN, isOpen);
      show();
    },
    /** Stops the list, or shows what has happened since. */
    pause(pauses) {
      isPaused = pauses;
      show();
    },
  };
}

/** Makes the row of an invocation. */
function callRow(app) {
  const parts = ['result', 'name', 'cause', 'time', 'clock'].map((name) => make('span', { class: name }));
  const content = make('div', { class: 'content' });
  const details = make('details', {}, make('summary', {}, ...parts), content);
  const item = make('li', {}, details);
  let shown = null;
  const load = async () => {
    const { id } = shown;
    try {
      const call = await get(`/admin/page/calls/${id}`);
      content.replaceChildren(...callDetails(call, app()));
    } catch (error) {
      if (content.childElementCount === 0)
        content.replaceChildren(make('p', { class: 'bad' }, error.message));
    }
  };
  details.addEventListener('toggle', () => details.open && load());
  const show = (call) => {
    if (shown === call) return;
    shown = call;
    item.className = call.state;
    const texts = [result(call), call.function, cause(call), duration(call.ended), clock(call.began)];
    texts.forEach((text, index) => {
      setText(parts[index], text);
    });
    if (details.open) load();
  };
  return { item, details, show };
}

function callDetails(call, app) {
  const facts = [
    ['Invocation', make('code', {}, call.id)],
    ['Began', moment(call.began)],
    ...(call.memory === null ? [] : [['Worker’s memory afterwards', size(call.memory)]]),
  ];
  const list = facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]);
  return [
    make('dl', {}, ...list),
    stageTable(call),
    ...logOf(call),
    ...payload('Received', call.request, call.method === null ? 'metadata' : 'headers'),
    ...payload('Returned', call.response, 'headers'),
    ...repeats(call, app),
  ];
}

function stageTable(call) {
  const all = stages(call);
  if (all.length === 0) return null;
  const bar = (ms) => {
    const bar = make('span', { class: 'bar' });
    bar.style.width = `${Math.min(100, (100 * ms) / Math.max(call.ended, 0.001))}%`;
    return bar;
  };
  const rows = [...all, { name: 'all', ms: call.ended }].map(({ name, ms, isPart }) =>
    make(
      'tr',
      { class: isPart ? 'part' : 'stage' },
      make('th', { scope: 'row' }, name),
      make('td', {}, duration(ms)),
      make('td', { class: 'bars', 'aria-hidden': 'true' }, bar(ms)),
    ),
  );
  return make('table', {}, make('caption', {}, 'Time by stage'), make('tbody', {}, ...rows));
}

function logOf(call) {
  const hidden = call.lines - call.log.length;
  const line = ({ level, text }) => `[${level}] ${text}`;
  if (call.log.length === 0) {
    const reason = call.request ? 'No log lines.' : 'Its log was not kept, because no page was open then.';
    return [make('p', { class: 'quiet' }, reason)];
  }
  const more = hidden > 0 ? `\n… and ${hidden} more` : '';
  return [make('h3', {}, 'Log'), block('Log', call.log.map(line).join('\n') + more)];
}

function payload(title, kept, fields) {
  if (!kept) return [];
  const pairs = fields === 'metadata' ? Object.entries(kept.metadata) : kept.headers;
  const line = ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  const all = make('details', {}, make('summary', {}, `${fields === 'metadata' ? 'Metadata' : 'Header'}`));
  all.append(block(`${title}: ${fields}`, pairs.map(line).join('\n')));
  const text = kept.text ?? `${kept.base64}`;
  const unit = kept.text === undefined ? ', as Base64' : '';
  const length = kept.length === null ? 'a body that was not kept' : `${size(kept.length)}${unit}`;
  const cut = kept.isWhole || kept.length === null ? '' : ', the beginning';
  return [
    make('h3', {}, `${title} (${length}${cut})`),
    ...(text === '' ? [] : [block(title, text)]),
    ...(pairs.length === 0 ? [] : [all]),
  ];
}

function repeats(call, app) {
  const reason = cannotRepeat(call);
  if (reason !== null) return [make('h3', {}, 'Repeat'), make('p', { class: 'quiet' }, reason)];
  const isMany = app?.functions.find((known) => known.name === call.function)?.isMany ?? false;
  const way = (title, what, text) => {
    return make('details', {}, make('summary', {}, title), copyButton(what, text), block(title, text));
  };
  return [
    make('h3', {}, 'Repeat'),
    way('As a command', 'the command', curl(call, location.origin, app?.needsKey ?? false)),
    way('As a Rust test', 'the test', rustTest(call, isMany)),
  ];
}
