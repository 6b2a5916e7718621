// Reads the parameters of a blob trigger from the blob's path.
//
// The trigger's metadata has them too, but `@azure/functions` parses each as JSON: it makes the number 1000 of a blob
// named `1e3`.

import { escapeRegExp } from '../escapeRegExp';

/** Returns the parameters of a path such as `pictures/cat.png`, in the order of the pattern. */
export type PathReader = (path: string) => Record<string, string>;

const TOKEN = /\{\{|\}\}|\{([^{}]+)\}|[^{}]+|[{}]/g;

/**
 * Returns the reader for a pattern such as `pictures/{name}.png`.
 *
 * As in the platform's host, a parameter matches as much as possible, also across slashes, and `{{` is a brace
 * (azure-webjobs-sdk, `BindingTemplateSource.cs`). A pattern without a slash is a container, with all of its blobs.
 */
export function pathReader(pattern: string): PathReader {
  const names: string[] = [];
  const parts = [...withSettings(pattern).matchAll(TOKEN)].map(([token, name]) => {
    if (name === undefined) return escapeRegExp(token === '{{' || token === '}}' ? token.charAt(0) : token);
    names.push(name);
    return '(.*)';
  });
  const regular = new RegExp(`^${parts.join('')}$`, 's');
  return (path) => {
    const values = regular.exec(path)?.slice(1) ?? [];
    return Object.fromEntries(values.map((value, index) => [names[index], value]));
  };
}

/** Replaces each `%NAME%` by the app setting, as the host does: case does not matter, and `__` is equivalent to `:`. */
function withSettings(pattern: string): string {
  const canonical = (name: string): string => name.toLowerCase().replaceAll('__', ':');
  return pattern.replace(/%([^%]+)%/g, (text, name) => {
    const found = Object.entries(process.env).find(([known]) => canonical(known) === canonical(name));
    return found?.[1] ?? text;
  });
}
