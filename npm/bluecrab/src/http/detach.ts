// Frees the memory of large buffers without waiting for the garbage collector.
//
// Buffers lie outside of V8's heap. Megabytes of unused buffers make V8 collect its whole heap every few calls.

let closedPort: MessagePort | undefined;

/** Frees the buffer of a chunk, unless the chunk shares the buffer with others. */
export function detach({ buffer, length }: Uint8Array): void {
  if (length === 0 || !(buffer instanceof ArrayBuffer) || buffer.byteLength !== length) return;
  // Node.js 20 has no `ArrayBuffer.prototype.transfer`. A buffer posted to a closed port is freed as well.
  if ('transfer' in buffer) (buffer.transfer as (length: number) => void)(0);
  else {
    closedPort ??= newClosedPort();
    closedPort.postMessage(undefined, [buffer]);
  }
}

function newClosedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

/** How much freed memory glibc keeps for the next bodies. */
const KEPT_BYTES = 8 << 20;
let keepsFreedMemory = false;

/**
 * Makes glibc keep freed memory for the next bodies.
 *
 * Otherwise glibc returns the end of its heap to the system when a body's chunks are freed, and the next body costs a
 * page fault for every 4 KiB. glibc keeps twice the size of the largest block that was freed (mallopt(3), "Dynamic mmap
 * threshold"), so freeing one block of half the size is enough.
 */
export function keepFreedMemory(): void {
  if (keepsFreedMemory) return;
  keepsFreedMemory = true;
  detach(Buffer.allocUnsafeSlow(KEPT_BYTES / 2));
}
