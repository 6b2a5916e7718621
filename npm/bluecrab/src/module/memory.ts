// The memory of a guest, as bytes. A new view is made only after the memory has grown.

export class Memory {
  readonly #memory: WebAssembly.Memory;
  #bytes = Buffer.alloc(0);

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** The whole memory. Valid until the guest runs again. */
  get bytes(): Buffer<ArrayBuffer> {
    // When a memory grows, it moves to a new buffer, and the old buffer becomes empty.
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.#memory.buffer as ArrayBuffer);
    return this.#bytes;
  }

  /**
   * Returns the whole memory after a check that `length` bytes at `pointer` are in it.
   *
   * @param what - names these bytes in the error
   * @throws Error if they end outside of the memory
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
