// Makes elements. Data becomes text nodes and attributes, never HTML.

/**
 * Makes an element. An attribute that begins with `on` is the listener of an event; `true` and `false` set and leave
 * out an attribute.
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute.startsWith('on')) element.addEventListener(attribute.slice(2), value);
    else if (typeof value === 'boolean') element.toggleAttribute(attribute, value);
    else element.setAttribute(attribute, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Changes a text only if it differs, so that a screen reader does not repeat it. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Says something to people who listen to the page. */
export function say(text) {
  document.querySelector('#said').textContent = text;
}

/** Makes a field with its label. */
export function field(label, input) {
  return make('label', { class: 'field' }, make('span', {}, label), input);
}

/** Makes a block of text that can be scrolled with the keyboard. It is no landmark, because a page has many of them. */
export function block(label, text) {
  return make('pre', { tabindex: '0', role: 'group', 'aria-label': label }, text);
}

/** Makes a button that copies a text. */
export function copyButton(what, text) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(`${what} is in the clipboard`);
      button.textContent = 'Copied';
    } catch {
      say('The browser does not allow copying');
      button.textContent = 'Not allowed';
    }
    setTimeout(() => setText(button, 'Copy'), 2000);
  };
  const button = make('button', { type: 'button', 'aria-label': `Copy ${what}`, onclick: copy }, 'Copy');
  return button;
}
