// A guest's memory, as bytes: views of it are made again only when it has grown.

export class Memory {
  readonly #memory: WebAssembly.Memory;
  #bytes = Buffer.alloc(0);

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** All of it, until the guest runs again. */
  get bytes(): Buffer<ArrayBuffer> {
    // A memory that grows gets another buffer, and the one before is empty.
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.#memory.buffer as ArrayBuffer);
    return this.#bytes;
  }

  /**
   * All of it too, with `length` bytes at `pointer`.
   *
   * @throws Error where they end outside; `what` names them
   */
  holding(pointer: number, length: number, what: string): Buffer<ArrayBuffer> {
    const { bytes } = this;
    if (length > 0 && pointer + length > bytes.length) {
      throw new Error(
        `${what}, ${length} bytes at ${pointer}, ends outside of the memory of ${bytes.length} bytes`,
      );
    }
    return bytes;
  }
}
