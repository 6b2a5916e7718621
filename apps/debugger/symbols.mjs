// Reads the debug information of a module, with the package that VS Code uses.

import assert from 'node:assert/strict';
import { spawn } from '@vscode/dwarf-debugging';

/** The debug information of a module. */
export class Symbols {
  #rpc;
  #codeOffset;

  /** @param client - reads the locals, globals and memory of a frame */
  static async of(client, { scriptId, url, codeOffset }) {
    const symbols = new Symbols();
    const part = (name) => (index, frame) => client.value(frame, `${name}[${index}]`);
    const { rpc, dispose } = spawn({
      getWasmLocal: part('locals'),
      getWasmGlobal: part('globals'),
      getWasmOp: part('stack'),
      getWasmLinearMemory: async (offset, length, frame) => {
        const range = `memories[0].buffer, ${offset}, ${length}`;
        return Uint8Array.from(await client.value(frame, `Array.from(new Uint8Array(${range}))`)).buffer;
      },
      reportResourceLoad: async () => undefined,
    });
    symbols.dispose = dispose;
    symbols.#rpc = rpc;
    symbols.#codeOffset = codeOffset;
    await rpc.sendMessage('hello', [], false);
    const { bytecode } = await client.send('Debugger.getScriptSource', { scriptId });
    const bytes = Uint8Array.from(Buffer.from(bytecode, 'base64'));
    symbols.sources = await rpc.sendMessage('addRawModule', 'hello', '', { url, code: bytes.buffer });
    assert.ok(Array.isArray(symbols.sources), JSON.stringify(symbols.sources));
    return symbols;
  }

  #at({ columnNumber }) {
    return { rawModuleId: 'hello', codeOffset: columnNumber - this.#codeOffset, inlineFrameIndex: 0 };
  }

  /** Returns the parts of the module that are made from a line of a source. The first line is 1. */
  async ranges({ scriptId }, source, line) {
    const place = { rawModuleId: 'hello', sourceFileURL: source, lineNumber: line - 1, columnNumber: -1 };
    const ranges = await this.#rpc.sendMessage('sourceLocationToRawLocation', place);
    const at = (offset) => ({ lineNumber: 0, columnNumber: offset + this.#codeOffset });
    return ranges.map(({ startOffset, endOffset }) => ({
      scriptId,
      start: at(startOffset),
      end: at(endOffset),
    }));
  }

  /** Returns the function, the source and the line of a place. */
  async source(location) {
    const [{ sourceFileURL, lineNumber }] = await this.#rpc.sendMessage(
      'rawLocationToSourceLocation',
      this.#at(location),
    );
    const { frames } = await this.#rpc.sendMessage('getFunctionInfo', this.#at(location));
    // Without the hash at its end.
    return {
      name: frames[0].name.replace(/::h[0-9a-f]{16}$/, ''),
      source: sourceFileURL,
      line: lineNumber + 1,
    };
  }

  /** Returns the names of the variables at a place. */
  async variables(location) {
    const variables = await this.#rpc.sendMessage('listVariablesInScope', this.#at(location));
    return variables.map(({ name }) => name);
  }

  /** Returns the text of a variable. */
  async variable(name, { location, callFrameId }) {
    const value = await this.#rpc.sendMessage('evaluate', name, this.#at(location), callFrameId);
    return value.description;
  }
}
