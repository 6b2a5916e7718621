// Reads the settings of the app's host.json as the platform's host does.

import { readFileSync } from 'node:fs';
import { parse } from 'json5';

const OVERRIDE = /^AzureFunctionsJobHost(__|:)/i;

/**
 * Returns each setting by its path in lower case, such as `extensions:http:routeprefix`.
 *
 * An app setting such as `AzureFunctionsJobHost__extensions__http__routePrefix` overrides the file
 * (azure-functions-host, `HostJsonFileConfigurationSource.cs` and `ScriptJobHostOptionsSetup.cs`).
 */
export function hostSettings(): Map<string, unknown> {
  const settings = new Map<string, unknown>();
  flatten(readHostJson(), '', settings);
  for (const [name, value] of Object.entries(process.env)) {
    if (OVERRIDE.test(name)) settings.set(pathOf(name.replace(OVERRIDE, '').replaceAll('__', ':')), value);
  }
  return settings;
}

/** Reads host.json. The host accepts comments, single quotes, trailing commas and a byte order mark as well. */
function readHostJson(): unknown {
  try {
    const bytes = readFileSync('host.json');
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return parse(new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes));
  } catch {
    // The host itself reports that host.json is missing or wrong. Here it has no settings then.
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
