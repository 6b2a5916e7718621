// Traps, for imports that must end the guest.

/** A module that exports one function, `t`, with the instruction `unreachable`. */
const UNREACHABLE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x74, 0x00, 0x00],
  ...[0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
);

let unreachable: (() => never) | undefined;

/** Traps. A guest's `catch_all` would catch a JavaScript error, but it does not catch a trap. */
export function trap(): never {
  unreachable ??= new WebAssembly.Instance(new WebAssembly.Module(UNREACHABLE)).exports.t as () => never;
  return unreachable();
}
