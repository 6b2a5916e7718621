// A client of the debugger protocol that Node.js and Chrome speak.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';

/** A debugger that is attached to Node.js. */
export class Debugger {
  /** Resolves when Node.js has ended. */
  closed;
  #modules = [];
  #socket;
  #answers = new Map();
  #paused = [];
  #waiting = [];

  static async attach(url) {
    const attached = new Debugger();
    attached.#socket = new WebSocket(url);
    attached.#socket.on('message', (text) => attached.#receive(JSON.parse(text)));
    await once(attached.#socket, 'open');
    attached.closed = new Promise((resolve) => attached.#socket.once('close', resolve));
    // A worker that ends may reset the connection.
    attached.#socket.on('error', () => undefined);
    // Node.js reports the scripts that it has loaded before it answers.
    await attached.send('Debugger.enable');
    return attached;
  }

  #receive({ id, method, params, result, error }) {
    if (method === 'Debugger.scriptParsed' && params.scriptLanguage === 'WebAssembly') {
      if (JSON.stringify(params.debugSymbols).includes('EmbeddedDWARF')) this.#modules.push(params);
    }
    if (method === 'Debugger.paused') {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(params);
      else this.#paused.push(params);
    }
    if (id === undefined) return;
    const { resolve, reject } = this.#answers.get(id);
    this.#answers.delete(id);
    if (error) reject(new Error(error.message));
    else resolve(result);
  }

  /** Returns the only module with debug information. */
  module() {
    const [module, ...others] = this.#modules;
    assert.ok(module && others.length === 0, 'there is one module with debug information');
    return module;
  }

  send(method, params = {}) {
    const id = this.#answers.size === 0 ? 1 : Math.max(...this.#answers.keys()) + 1;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  /** Returns what is reported when Node.js stops. */
  paused() {
    const paused = this.#paused.shift();
    return paused ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Evaluates an expression of JavaScript in a frame, which knows the locals and the memory of WebAssembly. */
  async value(frame, expression) {
    const params = { callFrameId: frame, expression, returnByValue: true };
    const { result, exceptionDetails } = await this.send('Debugger.evaluateOnCallFrame', params);
    assert.equal(exceptionDetails, undefined, `${expression}: ${exceptionDetails?.exception?.description}`);
    return result.value;
  }

  detach() {
    this.#socket.terminate();
  }
}
