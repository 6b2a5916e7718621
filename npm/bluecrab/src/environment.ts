// The environment variables that a guest may read.

/** Returns the variable as `NAME=VALUE`; nothing if this process does not have it. */
export function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined ? undefined : `${name}=${value}`;
}
