// The members of the request head that any trigger has: the invocation, its trace, its retry, and the trigger's
// metadata. See docs/abi.md, section 13.

import type { InvocationContext } from '@azure/functions';
import { hasType, type Trigger } from '../module/bindings';
import { pathReader } from './blobPath';
import { toJson } from './json';
import type { Layout } from './payload';

const METADATA = 'metadata:';

type Metadata = Record<string, unknown>;

/** Reads the value of a member; nothing if the invocation does not have it. */
type MemberReader = (context: InvocationContext) => unknown;

/** Returns the readers of the members that a function wants, by name. */
export function memberReaders(wanted: readonly string[]): [string, MemberReader][] {
  const names = wanted
    .filter((member) => member.startsWith(METADATA))
    .map((member) => member.slice(METADATA.length));
  const all: Record<string, MemberReader> = {
    invocationId: ({ invocationId }) => invocationId,
    trace: ({ traceContext }) => traceOf(traceContext),
    retry: ({ retryContext }) =>
      retryContext && { count: retryContext.retryCount, max: retryContext.maxRetryCount },
    metadata: ({ triggerMetadata }) => withLongs(triggerMetadata),
  };
  const members = Object.entries(all).filter(([name]) => wanted.includes(name));
  if (names.length > 0 && !wanted.includes('metadata'))
    members.push(['metadata', ({ triggerMetadata }) => pick(triggerMetadata ?? {}, names)]);
  return members;
}

/** Returns what writes the request heads of a function that HTTP does not call. */
export function headWriter(
  wanted: readonly string[],
  trigger: Trigger,
): (context: InvocationContext, layout: Layout) => string {
  const members = memberReaders(wanted);
  if (wanted.includes('params') && hasType(trigger, 'blobtrigger')) members.push(['params', params(trigger)]);
  return (context, layout) => {
    const head: Record<string, unknown> = {};
    for (const [name, read] of members) head[name] = read(context);
    const isEmpty = members.length === 0 && layout.items === undefined && layout.inputs === undefined;
    return isEmpty ? '' : toJson({ ...head, ...layout });
  };
}

function params({ path }: Trigger & { path?: unknown }): MemberReader {
  const read = pathReader(String(path));
  return ({ triggerMetadata }) => read(String(triggerMetadata?.blobTrigger));
}

function traceOf(trace: InvocationContext['traceContext']): object | undefined {
  const [traceparent, tracestate] = [trace?.traceParent || undefined, trace?.traceState || undefined];
  return traceparent || tracestate ? { traceparent, tracestate } : undefined;
}

/** Returns the members with these names. The first letter of a name may be a capital, as in the platform's documentation. */
function pick(metadata: Metadata, names: readonly string[]): Metadata {
  const found = names.map((name) => [name, metadata[name.charAt(0).toLowerCase() + name.slice(1)]]);
  return Object.fromEntries(found.map(([name, value]) => [name, withLongs(value)]));
}

/**
 * Makes numbers of the objects with which the platform's worker stands for 64-bit integers, such as the sequence
 * numbers of a batch of events.
 */
function withLongs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLongs);
  if (typeof value !== 'object' || value === null) return value;
  const { low, high, unsigned } = value as Record<string, unknown>;
  if (typeof low === 'number' && typeof high === 'number' && typeof unsigned === 'boolean')
    return (unsigned ? high >>> 0 : high) * 2 ** 32 + (low >>> 0);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withLongs(member)]));
}
