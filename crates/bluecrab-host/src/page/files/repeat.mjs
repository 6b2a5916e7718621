// Writes an invocation as a command or as a test that repeats it. Nothing here touches the page.

/** Header fields that a browser or curl adds to each request, or that belong to one connection only. */
const OF_CLIENT =
  /^(accept|accept-encoding|accept-language|cache-control|connection|content-length|host|origin|pragma|priority|referer|sec-.*|transfer-encoding|user-agent|dnt)$/;

/** Metadata that the trigger itself brings, or that belongs to one receipt of a message. */
const OF_RECEIPT = /^(popReceipt|nextVisibleTime|queueTrigger|timerTrigger)$/;

/** Says why an invocation cannot be repeated; null if it can. */
export function cannotRepeat(call) {
  if (!call.request) return 'What it received was not kept, because no page was open then.';
  if (!call.request.isWhole)
    return 'Its body was not kept: it is too long, or the function read it as a stream.';
  return null;
}

function headersOf(call) {
  return call.request.headers.filter(([name]) => !OF_CLIENT.test(name));
}

function metadataOf(call) {
  const camel = (name) => name[0].toLowerCase() + name.slice(1);
  const named = Object.entries(call.request.metadata).map(([name, value]) => [camel(name), value]);
  return named.filter(([name]) => !OF_RECEIPT.test(name));
}

/** Quotes a text for a POSIX shell. */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Writes a command for a POSIX shell. `base` is the address of the host. */
export function curl(call, base, needsKey) {
  const { request } = call;
  if (call.method === null) {
    const input = request.text === undefined ? { base64: request.base64 } : { input: request.text };
    const body = { ...input, metadata: Object.fromEntries(metadataOf(call)) };
    const key = needsKey ? ` \\\n    --header "x-functions-key: $MASTER_KEY"` : '';
    return `curl ${quoted(`${base}/admin/functions/${call.function}`)} \\
    --header 'prefer: wait'${key} \\
    --json ${quoted(JSON.stringify(body))}`;
  }
  const headers = headersOf(call).map(([name, value]) =>
    // curl sends a header without a value only if it ends with a semicolon.
    value === '' ? `--header ${quoted(`${name};`)}` : `--header ${quoted(`${name}: ${value}`)}`,
  );
  const hasBody = request.base64 !== undefined || request.text !== '';
  if (hasBody && !headersOf(call).some(([name]) => name === 'content-type')) {
    headers.push(`--header 'content-type:'`);
  }
  const usual = hasBody ? 'POST' : 'GET';
  const parts = [
    `curl ${quoted(base + call.path)}`,
    ...(/[[\]{}]/.test(call.path) ? ['--globoff'] : []),
    ...(call.method === 'HEAD'
      ? ['--head']
      : call.method === usual
        ? []
        : [`--request ${quoted(call.method)}`]),
    ...headers,
    ...(request.base64 !== undefined
      ? ['--data-binary @-']
      : hasBody
        ? [`--data-raw ${quoted(request.text)}`]
        : []),
  ];
  const command = parts.join(' \\\n    ');
  return request.base64 === undefined
    ? command
    : `printf %s ${quoted(request.base64)} | base64 --decode |\n  ${command}`;
}

/** Writes a string literal of Rust. */
export function rustString(text) {
  // A raw string cannot contain a carriage return, and hides what cannot be seen.
  const isPlain = !/(?![\n\t])\p{C}/u.test(text);
  if (isPlain && /["\\\n\t]/.test(text)) {
    const longest = Math.max(0, ...(text.match(/"#*/g) ?? []).map((found) => found.length));
    const marks = '#'.repeat(longest);
    return `r${marks}"${text}"${marks}`;
  }
  const escaped = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const visible = (character) =>
    escaped[character] ??
    (/\p{C}/u.test(character) ? `\\u{${character.codePointAt(0).toString(16)}}` : character);
  return `"${Array.from(text, visible).join('')}"`;
}

function rustBody({ text, base64 }) {
  if (text !== undefined) return rustString(text);
  const bytes = Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  return `vec![${bytes.join(', ')}]`;
}

/** Writes a JSON value as an argument of `with_metadata`. */
function rustValue(value) {
  if (typeof value === 'string') return rustString(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `serde_json::from_str::<serde_json::Value>(${rustString(JSON.stringify(value))}).unwrap()`;
}

/** Writes a test for `cargo test`, as docs/writing-functions.md shows it. */
export function rustTest(call, isMany) {
  const name = call.function.replaceAll('-', '_');
  const { request, response } = call;
  const shorthands = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const lines = [];
  if (call.method === null) {
    const items = isMany ? batch(request) : null;
    lines.push(
      items === null
        ? `Request::message(${rustBody(request)})`
        : `Request::batch([${items.map(rustString).join(', ')}])`,
    );
    lines.push(
      ...metadataOf(call).map(([key, value]) => `.with_metadata(${rustString(key)}, ${rustValue(value)})`),
    );
  } else {
    const path = rustString(call.path);
    lines.push(
      shorthands.includes(call.method)
        ? `Request::${call.method.toLowerCase()}(${path})`
        : `Request::new("${call.method}", ${path})`,
    );
    const pairs = (method, list) =>
      list.map(([key, value]) => `.${method}(${rustString(key)}, ${rustString(value)})`);
    lines.push(...pairs('with_param', request.params), ...pairs('with_header', headersOf(call)));
    if (request.base64 !== undefined || request.text !== '') lines.push(`.with_body(${rustBody(request)})`);
  }
  const checks = [];
  if (call.status !== null) checks.push(`assert_eq!(response.status(), ${call.status});`);
  else checks.push(`assert!(response.status() ${call.state === 'failed' ? '>=' : '<'} 400);`);
  if (call.status !== null && response?.isWhole && response.text && response.text.length <= 2000) {
    checks.push(`assert_eq!(response.text().unwrap(), ${rustString(response.text)});`);
  }
  return `#[cfg(test)]
mod recorded {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn repeats_${name.toLowerCase()}() {
        let request = ${lines.join('\n            ')};
        let response = call(${name}, request);
        ${checks.join('\n        ')}
    }
}
`;
}

/** Returns the messages of a batch as texts; null if it is not an array. */
function batch({ text }) {
  try {
    const items = JSON.parse(text);
    return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  } catch {
    return null;
  }
}
