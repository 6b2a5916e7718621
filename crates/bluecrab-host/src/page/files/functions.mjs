// The functions, each with a form to call it.

import { block, field, make, say } from './dom.mjs';
import { duration, size } from './format.mjs';
import { post, send } from './host.mjs';

/** Methods that a browser never sends. */
const NEVER_SENT = ['CONNECT', 'TRACE', 'TRACK'];
const WITHOUT_BODY = ['GET', 'HEAD'];
/** How much of a response is shown. */
const SHOWN_CHARACTERS = 100_000;

/** Shows the functions. Forms that are open stay as they are if their function has not changed. */
export function showFunctions(list, functions) {
  const shown = new Map(Array.from(list.children, (item) => [item.dataset.function, item]));
  const item = (known) => {
    const key = JSON.stringify(known);
    return shown.get(key) ?? functionItem(known, key);
  };
  const items = functions.map(item);
  if (items.length !== list.children.length || items.some((item, index) => list.children[index] !== item)) {
    list.replaceChildren(...items);
  }
}

function functionItem(known, key) {
  const isHttp = known.route !== null;
  const trigger = isHttp ? known.methods.join(', ') : known.trigger.replace(/Trigger$/, '');
  const summary = make(
    'summary',
    {},
    make('span', { class: 'name' }, known.name),
    make('span', { class: 'kind' }, known.isDisabled ? `${trigger}, disabled by an app setting` : trigger),
    isHttp ? make('code', {}, known.route) : null,
  );
  const details = make('details', {}, summary);
  // A form is made when it is first opened.
  details.addEventListener('toggle', () => details.append(isHttp ? httpForm(known) : inputForm(known)), {
    once: true,
  });
  return make('li', { 'data-function': key }, details);
}

function httpForm(known) {
  const methods = known.methods.filter((method) => !NEVER_SENT.includes(method));
  const usual = methods.includes('POST') ? 'POST' : methods[0];
  const options = methods.map((method) => make('option', { selected: method === usual }, method));
  const method = make('select', {}, ...options);
  const path = make('input', { required: true, spellcheck: 'false', value: known.path });
  const headers = make('textarea', { rows: '2', spellcheck: 'false' });
  headers.value = 'content-type: application/json';
  const body = make('textarea', { rows: '4', spellcheck: 'false' });
  const bodyFields = make('div', {}, field('Header fields', headers), field('Body', body));
  const toggleBody = () => body.toggleAttribute('disabled', WITHOUT_BODY.includes(method.value));
  method.addEventListener('change', toggleBody);
  toggleBody();
  const call = async () => {
    const hole = /\{[^{}]*\}/.exec(path.value);
    if (hole !== null) throw new Error(`Replace ${hole[0]} in the path by a value`);
    const url = new URL(path.value, location.origin);
    if (url.origin !== location.origin) throw new Error('The path must begin with one slash');
    const hasBody = !body.disabled && body.value !== '';
    const fields = headerFields(headers.value).filter(
      ([name]) => hasBody || name.toLowerCase() !== 'content-type',
    );
    const started = performance.now();
    const answer = await send(url.pathname + url.search, {
      method: method.value,
      headers: fields,
      ...(hasBody ? { body: body.value } : {}),
    });
    const bytes = await answer.arrayBuffer();
    const words =
      answer.type === 'opaqueredirect' ? 'A redirection' : `${answer.status} ${answer.statusText}`;
    const text = new TextDecoder().decode(bytes);
    return [
      `${words.trim()} after ${duration(performance.now() - started)}, ${size(bytes.byteLength)}`,
      text,
    ];
  };
  return form(known, 'Call', [field('Method', method), field('Path', path), bodyFields], call);
}

/** Reads lines such as `name: value`. */
function headerFields(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`Write a header field as name: value, not ${line}`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
}

function inputForm(known) {
  const isTimer = known.trigger.toLowerCase() === 'timertrigger';
  const input = make('textarea', { rows: '4', spellcheck: 'false' });
  const call = async () => {
    const started = performance.now();
    const answer = await run(known.name, input.value);
    const { returned, outputs } = answer;
    const text = JSON.stringify({ returned, ...(outputs.length > 0 ? { outputs } : {}) }, null, 2);
    return [`Succeeded after ${duration(performance.now() - started)}`, text];
  };
  const label = isTimer ? 'Input (may be empty)' : known.isMany ? 'Input: an array of messages' : 'Input';
  return form(known, isTimer ? 'Run now' : 'Run', [field(label, input)], call);
}

/** Runs a function that HTTP does not call, and waits for its end. */
export function run(name, input) {
  return post(`/admin/functions/${name}`, input === '' ? {} : { input }, { prefer: 'wait' });
}

/** Makes a form whose button calls a function, and which shows the result. */
function form(known, verb, fields, call) {
  const result = make('div');
  const button = make('button', {}, verb);
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    result.replaceChildren(make('p', {}, 'Running…'));
    try {
      const [words, text] = await call();
      const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
      result.replaceChildren(
        make('p', {}, words),
        ...(text === '' ? [] : [block(`Response of ${known.name}`, shown)]),
      );
      say(`${known.name}: ${words}`);
    } catch (error) {
      result.replaceChildren(make('p', { class: 'bad' }, error.message));
      say(`${known.name}: ${error.message}`);
    }
    button.disabled = false;
    button.focus();
  };
  return make('form', { 'aria-label': `Call ${known.name}`, onsubmit: submit }, ...fields, button, result);
}
