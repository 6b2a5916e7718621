// Loads the app's entry files: `main` of its package.json, which may be a pattern.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { App } from './app';

export async function loadApp(app: App, folder: string): Promise<void> {
  const { main, type } = readPackage(folder);
  if (typeof main !== 'string' || main === '') {
    throw new Error(
      `${join(folder, 'package.json')} names no entry file: set "main", for example "functions/*.js"`,
    );
  }
  const files = await entryFiles(folder, main);
  if (files.length === 0) {
    throw new Error(`no file in ${folder} matches "main": "${main}" of its package.json; is the app built?`);
  }
  const require = createRequire(join(folder, 'package.json'));
  for (const file of files) {
    const isModule = extname(file) === '.mjs' || (type === 'module' && extname(file) !== '.cjs');
    if (isModule) await import(pathToFileURL(file).href);
    else require(file);
  }
  const hookContext = { hookData: {}, appHookData: app.hookData };
  await app.runHooks('appStart', hookContext);
}

function readPackage(folder: string): { main?: unknown; type?: unknown } {
  const file = join(folder, 'package.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Error(`cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

async function entryFiles(folder: string, main: string): Promise<string[]> {
  const file = resolve(folder, main);
  if (existsSync(file)) return [file];
  const { glob } = await import('tinyglobby');
  const files = await glob(main, { cwd: folder, absolute: true, ignore: ['**/node_modules/**'] });
  return files.sort();
}
