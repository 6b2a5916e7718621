// Who answers a body: the flagship's `multiply-mathjs`, its module's `multiply-rust`, and the same code natively.
//
// An answer is the bytes of the JSON, or `undefined` where the body is refused.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

/** The handler of the built app's `multiply-mathjs`, asked with the requests of `@azure/functions`. */
export function mathjs(app) {
  const { HttpRequest, handler } = register(join(app, 'functions/multiply-mathjs.js'), 'multiply-mathjs');
  return async (body) => {
    const request = new HttpRequest({ method: 'POST', url: 'http://localhost/', body: { bytes: body } });
    const { status = 200, jsonBody } = await handler(request);
    if (status === 400) return undefined;
    if (status !== 200) throw new Error(`multiply-mathjs answers ${status}`);
    return Buffer.from(JSON.stringify(jsonBody));
  };
}

/** Loads a file of an app, with a library that only keeps the handler. */
function register(file, name) {
  const library = createRequire(file)('@azure/functions');
  const handlers = new Map();
  const app = { setup: () => {}, http: (name, { handler }) => handlers.set(name, handler) };
  const load = Module._load;
  Module._load = (request, ...rest) =>
    request === '@azure/functions' ? { ...library, app } : load(request, ...rest);
  try {
    createRequire(file)(file);
  } finally {
    Module._load = load;
  }
  return { HttpRequest: library.HttpRequest, handler: handlers.get(name) };
}

/** The function `multiply-rust` of a built module, called as docs/abi.md says. */
export function wasm(file) {
  const module = new WebAssembly.Module(readFileSync(file));
  const [declared] = WebAssembly.Module.customSections(module, 'bluecrab.functions.v1');
  const lines = new TextDecoder().decode(declared).trim().split('\n');
  const declaration = lines.map((line) => JSON.parse(line)).find(({ name }) => name === 'multiply-rust');
  const head = declaration.head?.length ? '{"query":[],"headers":[["content-type","application/json"]]}' : '';
  const wasi = new WASI({ version: 'preview1' });
  const instance = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: wasi.wasiImport,
    bluecrab: { log: () => {} },
  });
  wasi.initialize(instance);
  const { memory, bluecrab_alloc, [declaration.export]: run } = instance.exports;
  const write = (bytes) => {
    if (bytes.length === 0) return 0;
    const pointer = bluecrab_alloc(bytes.length) >>> 0;
    new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes);
    return pointer;
  };
  return (body) => {
    const record = run(write(Buffer.from(head)), head.length, write(body), body.length) >>> 0;
    const [status, , , start, length] = new Uint32Array(memory.buffer, record, 5);
    if (status === 400) return undefined;
    if (status !== 200) throw new Error(`multiply-rust answers ${status}`);
    return Buffer.from(new Uint8Array(memory.buffer, start, length));
  };
}

/** The program of bench/matrix. `ask(kind, body)` answers in the order of the questions. */
export function native(program) {
  const child = spawn(program, ['compare'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  let rest = Buffer.alloc(0);
  child.stdout.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32LE(1)) {
      const end = 5 + rest.readUInt32LE(1);
      waiting.shift().resolve(rest[0] === 1 ? rest.subarray(5, end) : undefined);
      rest = rest.subarray(end);
    }
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting) reject(new Error(`${program} ended with ${code}`));
  });
  return {
    ask: (kind, body) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        const head = Buffer.alloc(5, kind);
        head.writeUInt32LE(body.length, 1);
        child.stdin.write(head);
        child.stdin.write(body);
      }),
    end: () => child.stdin.end(),
  };
}
