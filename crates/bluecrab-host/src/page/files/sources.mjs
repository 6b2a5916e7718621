// The timers, queues and blobs of the app's functions.

import { make, say } from './dom.mjs';
import { moment } from './format.mjs';
import { run } from './functions.mjs';
import { post } from './host.mjs';

/** Shows the timers and queues. A list is made again only if it has changed, so that the focus stays where it is. */
export function showSources({ timers, queues }) {
  showList(document.querySelector('#timers'), timers, timerItem);
  showList(document.querySelector('#queues'), queues, queueItem);
}

function showList(section, sources, item) {
  section.hidden = sources.length === 0;
  const list = section.querySelector('ul');
  sources.forEach((source, index) => {
    const key = JSON.stringify(source);
    const shown = list.children[index];
    if (shown?.dataset.source === key) return;
    const made = item(source);
    made.dataset.source = key;
    if (shown === undefined) {
      list.append(made);
      return;
    }
    const focused = document.activeElement;
    const place = Array.from(shown.querySelectorAll('button')).indexOf(focused);
    shown.replaceWith(made);
    if (place >= 0) focusIn(made, focused.getAttribute('aria-label'), place);
  });
  while (list.children.length > sources.length) list.lastElementChild.remove();
}

/** Moves the focus to the button with this label, or to the button that is in its place now, or else to the heading. */
function focusIn(item, label, place) {
  const buttons = Array.from(item.querySelectorAll('button'));
  const same = buttons.find((button) => button.getAttribute('aria-label') === label);
  const next = same ?? buttons[place] ?? buttons.at(-1) ?? item.querySelector('h3');
  if (next.tagName === 'H3') next.tabIndex = -1;
  next.focus();
}

/** Makes a button that does something on the host, and says what came of it. */
function action(text, label, act) {
  const button = make('button', { type: 'button', 'aria-label': label }, text);
  button.addEventListener('click', async () => {
    button.setAttribute('aria-disabled', 'true');
    try {
      say(await act());
    } catch (error) {
      say(error.message);
      button.after(make('span', { class: 'bad' }, ` ${error.message}`));
    }
    button.removeAttribute('aria-disabled');
  });
  return button;
}

function timerItem({ function: name, schedule, next, error }) {
  const act = async () => {
    await run(name, '');
    return `${name} has run`;
  };
  const times = next.map((time) => make('li', {}, make('time', { datetime: time }, moment(time))));
  return make(
    'li',
    {},
    make('div', { class: 'title' }, make('h3', {}, name), action('Run now', `Run now: ${name}`, act)),
    make('p', { class: 'quiet' }, 'Schedule ', make('code', {}, String(schedule))),
    error === null ? null : make('p', { class: 'bad' }, error),
    times.length === 0 ? null : make('ol', { 'aria-label': `Next times of ${name}` }, ...times),
  );
}

function queueItem({ function: name, name: queue, length, poison, error }) {
  if (error !== undefined) return make('li', {}, make('h3', {}, name), make('p', { class: 'bad' }, error));
  return make(
    'li',
    {},
    make('h3', {}, name),
    make('p', {}, make('code', {}, queue), length === null ? '' : `: ${count(length)}`),
    ...(poison === null ? [] : poisonQueue(name, poison)),
  );
}

function count(messages) {
  return messages === 1 ? '1 message' : `${messages} messages`;
}

function poisonQueue(name, { name: queue, length, hasMore, messages }) {
  const again = (body) => async () => {
    const { sent } = await post(`/admin/page/queues/${name}/send-again`, body);
    return `${count(sent)} of ${queue} sent again`;
  };
  const message = ({ id, text, inserted }) =>
    make(
      'li',
      { class: 'message' },
      make('code', {}, text),
      make('span', { class: 'quiet' }, moment(inserted)),
      action('Send again', `Send again: message ${id}`, again({ id })),
    );
  const all =
    length > 1 || hasMore
      ? action('Send all again', `Send all again: messages of ${queue}`, again({}))
      : null;
  return [
    make(
      'div',
      { class: 'title' },
      make('p', {}, make('code', {}, queue), `: ${hasMore ? 'at least ' : ''}${count(length)}`),
      all,
    ),
    ...(messages.length === 0
      ? []
      : [make('ul', { 'aria-label': `Messages of ${queue}` }, ...messages.map(message))]),
  ];
}
