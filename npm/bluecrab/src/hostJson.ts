// The settings of the app's host.json, as the host reads them.

import { readFileSync } from 'node:fs';

/** A string, which stays, or a comment. */
const COMMENTS = /("(?:\\.|[^"\\])*")|\/\/.*|\/\*[\s\S]*?\*\//g;
/** A string, which stays, or a comma before a closing bracket. */
const TRAILING_COMMAS = /("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g;
const OVERRIDE = /^AzureFunctionsJobHost__/i;

/**
 * Each setting by its path in lower case, such as `extensions:http:routeprefix`.
 *
 * As in the host, comments and trailing commas are ignored, and an app setting such as
 * `AzureFunctionsJobHost__extensions__http__routePrefix` overrides the file.
 */
export function hostSettings(): Map<string, unknown> {
  const settings = new Map<string, unknown>();
  flatten(readHostJson(), '', settings);
  for (const [name, value] of Object.entries(process.env)) {
    if (OVERRIDE.test(name)) settings.set(pathOf(name.replace(OVERRIDE, '').replaceAll('__', ':')), value);
  }
  return settings;
}

function readHostJson(): unknown {
  try {
    const text = readFileSync('host.json', 'utf8').replace(/^\ufeff/, '');
    return JSON.parse(text.replace(COMMENTS, '$1').replace(TRAILING_COMMAS, '$1'));
  } catch {
    // The host complains of a host.json that is missing or wrong.
    return {};
  }
}

function flatten(value: unknown, path: string, settings: Map<string, unknown>): void {
  if (typeof value !== 'object' || value === null) {
    settings.set(path, value);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    flatten(member, path === '' ? pathOf(name) : `${path}:${pathOf(name)}`, settings);
  }
}

function pathOf(name: string): string {
  return name.toLowerCase();
}
