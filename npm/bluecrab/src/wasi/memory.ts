// The memory of a guest, as WASI functions access it: every access is checked first.

import { EFAULT, EILSEQ, EINVAL, ENAMETOOLONG, WasiError } from './errno';

const MAX_PATH_BYTES = 4096;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** All methods throw WasiError with EFAULT if the bytes are not in the memory. Pointers may be negative: they are u32. */
export class GuestMemory {
  readonly #buffer: () => ArrayBuffer;

  /** @param buffer - returns the current buffer of the memory */
  constructor(buffer: () => ArrayBuffer) {
    this.#buffer = buffer;
  }

  /** Checks that `length` bytes at `pointer` are in the memory. */
  check(pointer: number, length: number): void {
    if ((pointer >>> 0) + length > this.#buffer().byteLength) throw new WasiError(EFAULT);
  }

  /** Returns `length` bytes at `pointer`. Valid until the guest runs again. */
  bytes(pointer: number, length: number): Uint8Array<ArrayBuffer> {
    this.check(pointer, length);
    return new Uint8Array(this.#buffer(), pointer >>> 0, length);
  }

  /** Like `bytes`, for numbers. */
  view(pointer: number, length: number): DataView<ArrayBuffer> {
    this.check(pointer, length);
    return new DataView(this.#buffer(), pointer >>> 0, length);
  }

  setUint32(pointer: number, value: number): void {
    this.view(pointer, 4).setUint32(0, value, true);
  }

  setUint64(pointer: number, value: bigint): void {
    this.view(pointer, 8).setBigUint64(0, value, true);
  }

  /**
   * Reads a path.
   *
   * @throws WasiError also if the path is too long, not UTF-8, or contains a NUL
   */
  path(pointer: number, length: number): string {
    const bytes = this.bytes(pointer, length >>> 0);
    if (bytes.length > MAX_PATH_BYTES) throw new WasiError(ENAMETOOLONG);
    if (bytes.includes(0)) throw new WasiError(EINVAL);
    try {
      return decoder.decode(bytes);
    } catch {
      throw new WasiError(EILSEQ);
    }
  }
}
