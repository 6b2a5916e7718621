// Loads the app's entry files. `main` in its package.json names them: a file, a folder or a pattern.

import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import glob from 'fast-glob';

/** Loads the entry files one after another, in the order in which the platform's worker loads them. */
export async function loadEntryFiles(folder: string): Promise<void> {
  const { main, type } = readPackage(folder);
  if (typeof main !== 'string' || main === '') {
    throw new Error(
      `${join(folder, 'package.json')} names no entry file: set "main", for example "functions/*.js"`,
    );
  }
  const files = await entryFiles(folder, main);
  if (files.length === 0) {
    throw new Error(`no file in ${folder} matches "main": "${main}" in its package.json; is the app built?`);
  }
  const require = createRequire(join(folder, 'package.json'));
  for (const name of files) {
    const file = join(folder, name);
    const isModule = extname(file) === '.mjs' || (type === 'module' && extname(file) !== '.cjs');
    try {
      if (isModule) await import(pathToFileURL(file).href);
      else require(file);
    } catch (error) {
      throw named(error, `entry file "${name}"`);
    }
  }
}

/**
 * Returns the files that `main` names, relative to the app's folder. If `main` is a folder, it names every file below
 * it.
 *
 * The platform's worker uses the same version of the same library. Other libraries find other files, or find them in
 * another order.
 */
function entryFiles(folder: string, main: string): Promise<string[]> {
  const isFolder = statSync(join(folder, main), { throwIfNoEntry: false })?.isDirectory();
  return glob(isFolder ? posix.join(main, '**') : main, { cwd: folder });
}

function readPackage(folder: string): { main?: unknown; type?: unknown } {
  const file = join(folder, 'package.json');
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  } catch (error) {
    throw named(error, `cannot read ${file}`);
  }
  throw new Error(`cannot read ${file}: it is not a JSON object`);
}

/** Returns an error with the stack of its cause, which may be any value, and a message that begins with `what`. */
function named(cause: unknown, what: string): Error {
  const { message, stack } = cause instanceof Error ? cause : new Error(String(cause));
  const error = new Error(`${what}: ${message}`, { cause });
  if (stack !== undefined) error.stack = stack;
  return error;
}
