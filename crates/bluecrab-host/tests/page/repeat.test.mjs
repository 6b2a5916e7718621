import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { cannotRepeat, curl, rustString, rustTest } from '../../src/page/files/repeat.mjs';

const BASE = 'http://localhost:7071';
const request = { headers: [], params: [], metadata: {}, text: '', length: 0, isWhole: true };
const http = {
  function: 'put-row',
  method: 'PUT',
  path: '/api/rows/7?page=[1]',
  status: 200,
  state: 'succeeded',
  request: {
    ...request,
    headers: [
      ['host', 'localhost:7071'],
      ['user-agent', 'test'],
      ['content-type', 'application/json'],
      ['x-empty', ''],
    ],
    params: [['id', '7']],
    text: `{"it's": "a \\"row\\"#"}`,
  },
  response: { ...request, text: 'row 7' },
};
const message = {
  function: 'resize',
  method: null,
  status: null,
  state: 'succeeded',
  request: {
    ...request,
    text: '{"width": 3}',
    metadata: {
      DequeueCount: 2,
      Id: 'a',
      PopReceipt: 'secret',
      QueueTrigger: 'x',
      sys: { MethodName: 'resize' },
    },
  },
  response: null,
};

/** Runs a command in a shell in which curl prints its arguments and its standard input. */
function run(command) {
  const print = `for argument; do printf '%s\\0' "$argument"; done; case "$*" in *@-*) cat;; esac`;
  const { stdout, status, stderr } = spawnSync('sh', ['-c', `curl() { ${print}; }\n${command}`]);
  assert.equal(status, 0, String(stderr));
  const parts = stdout.toString('latin1').split('\0');
  return { arguments: parts.slice(0, -1), input: parts.at(-1) };
}

test('a command repeats a request exactly', { skip: process.platform === 'win32' }, () => {
  assert.deepEqual(run(curl(http, BASE, false)).arguments, [
    `${BASE}/api/rows/7?page=[1]`,
    '--globoff',
    '--request',
    'PUT',
    '--header',
    'content-type: application/json',
    '--header',
    'x-empty;',
    '--data-raw',
    http.request.text,
  ]);
  const get = { ...http, method: 'GET', path: '/api/a', request };
  assert.equal(curl(get, BASE, false), `curl 'http://localhost:7071/api/a'`);
  assert.match(curl({ ...get, method: 'HEAD' }, BASE, false), /--head$/);
  const bytes = { ...http, method: 'POST', request: { ...request, text: undefined, base64: '/wAnCg==' } };
  const sent = run(curl(bytes, BASE, false));
  assert.equal(sent.input, "\xff\0'\n".split('\0').at(-1), 'the bytes are decoded');
  assert.ok(
    sent.arguments.includes('content-type:') && !sent.arguments.includes('--request'),
    `${sent.arguments}`,
  );
});

test('a command fires a function again', { skip: process.platform === 'win32' }, () => {
  const fired = run(curl(message, BASE, false)).arguments;
  assert.equal(fired[0], `${BASE}/admin/functions/resize`);
  const body = JSON.parse(fired.at(-1));
  assert.deepEqual(body, {
    input: '{"width": 3}',
    metadata: { dequeueCount: 2, id: 'a', sys: { MethodName: 'resize' } },
  });
  assert.match(curl(message, BASE, true), /--header "x-functions-key: \$MASTER_KEY"/);
});

test('a test of Rust repeats a request', () => {
  assert.equal(
    rustTest(http, false),
    `#[cfg(test)]
mod recorded {
    use super::*;
    use bluecrab::{Request, testing::call};

    #[test]
    fn repeats_put_row() {
        let request = Request::put("/api/rows/7?page=[1]")
            .with_param("id", "7")
            .with_header("content-type", "application/json")
            .with_header("x-empty", "")
            .with_body(r##"{"it's": "a \\"row\\"#"}"##);
        let response = call(put_row, request);
        assert_eq!(response.status(), 200);
        assert_eq!(response.text().unwrap(), "row 7");
    }
}
`,
  );
  const bytes = {
    ...http,
    method: 'QUERY',
    request: { ...request, text: undefined, base64: '/wA=' },
    response: null,
  };
  assert.match(rustTest(bytes, false), /Request::new\("QUERY", .*\n\s+\.with_body\(vec!\[255, 0\]\);/);
});

test('a test of Rust repeats a message and a batch', () => {
  const one = rustTest(message, false);
  assert.match(one, /Request::message\(r#"\{"width": 3\}"#\)\n\s+\.with_metadata\("dequeueCount", 2\)/);
  assert.match(one, /\.with_metadata\("sys", serde_json::from_str::<serde_json::Value>\(.*\)\.unwrap\(\)\)/);
  assert.match(one, /assert!\(response\.status\(\) < 400\);/);
  assert.ok(!/popReceipt|queueTrigger/i.test(one), one);
  const many = { ...message, state: 'failed', request: { ...message.request, text: '["a", {"b": 1}]' } };
  assert.match(rustTest(many, true), /Request::batch\(\["a", r#"\{"b":1\}"#\]\)/);
  assert.match(rustTest(many, true), /assert!\(response\.status\(\) >= 400\);/);
});

test('writes strings of Rust', () => {
  for (const [text, literal] of [
    ['', '""'],
    ['plain é', '"plain é"'],
    ['a "b"', 'r#"a "b""#'],
    ['"##', 'r###""##"###'],
    ['two\nlines', 'r"two\nlines"'],
    ['a\r\n"b"\0\\', '"a\\r\\n\\"b\\"\\u{0}\\\\"'],
    ['\u202eevil', '"\\u{202e}evil"'],
  ]) {
    assert.equal(rustString(text), literal);
  }
});

test('says why an invocation cannot be repeated', () => {
  assert.equal(cannotRepeat(http), null);
  assert.match(cannotRepeat({ ...http, request: null }), /no page was open/);
  assert.match(cannotRepeat({ ...http, request: { ...request, isWhole: false } }), /not kept/);
});
