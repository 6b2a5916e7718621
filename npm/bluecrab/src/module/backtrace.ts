// Says where in a module an error happened, if the module has the names of its functions. A module that is built for
// production has no names.

/** A frame of V8's stack: `at orders::total (wasm://wasm/orders-1f3a:wasm-function[12]:0x3fe)`. */
const FRAME = /^ {4}at (.+) \(wasm:\/\/[^)]*wasm-function\[\d+\]/;
/**
 * The functions of the standard library, which run between the author's function and the trap: those of the panic, and
 * before them what the author calls, such as `<usize as core::slice::index::SliceIndex<[T]>>::index`.
 */
const OF_STD =
  /^(__rust|rust_|std::|core::|alloc::|panic_abort|abort$|<(\w+|(core|alloc|std)::.*) as (core|alloc|std)::)/;

/** How many frames V8 keeps in an error. By default it keeps ten, and a panic alone takes ten. */
export const FRAMES = 64;

/** Returns whether a module has the names of its functions. */
export function hasNames(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.customSections(module, 'name').length > 0;
}

/** Returns the module's functions that were running, the innermost first. Nothing if the error is not a trap. */
export function backtrace(error: unknown): string | undefined {
  if (!(error instanceof WebAssembly.RuntimeError)) return undefined;
  const names = (error.stack ?? '').split('\n').flatMap((line) => FRAME.exec(line)?.[1] ?? []);
  const first = names.findIndex((name) => !OF_STD.test(name));
  return first < 0 ? undefined : ['backtrace:', ...withCounts(names.slice(first))].join('\n    ');
}

/** Makes one line of a function that has called itself. */
function withCounts(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (let start = 0, end = 1; start < names.length; start = end, end += 1) {
    while (names[end] === names[start]) end += 1;
    lines.push(end - start > 1 ? `${names[start]} (${end - start} times)` : `${names[start]}`);
  }
  return lines;
}
