// Reads the members of a manifest line. Each function throws an Error that names the file, the line and the member.

/** A JSON object. */
export type Members = Record<string, unknown>;

export function record(value: unknown, where: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new Error(`${where}: must be a JSON object`);
}

export function string(members: Members, member: string, where: string): string {
  const value = members[member];
  if (typeof value === 'string') return value;
  throw new Error(`${where}: the member ${member} must be a string`);
}

export function strings(members: Members, member: string, where: string): string[] {
  const value = members[member] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new Error(`${where}: the member ${member} must be a list of strings`);
}

/** @param fallback - the value of a member that is left out; without it, the member is required */
export function integer(
  members: Members,
  member: string,
  where: string,
  { fallback, least = 0 }: { fallback?: number; least?: number } = {},
): number {
  const value = members[member] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${where}: the member ${member} must be a whole number from ${least}`);
}

/** Reads a member that has one of a few values. */
export function oneOf<T extends string>(
  members: Members,
  member: string,
  where: string,
  values: readonly T[],
  fallback?: T,
): T {
  const value = members[member] ?? fallback;
  const known = values.find((known) => known === value);
  if (known !== undefined) return known;
  const expected = values.map((value) => JSON.stringify(value));
  throw new Error(
    `${where}: the member ${member} is ${JSON.stringify(value)}, but must be ${expected.slice(0, -1).join(', ')} or ${expected.at(-1)}`,
  );
}
