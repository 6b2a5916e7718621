// Words and numbers for people. Nothing here touches the page.

/** Formats milliseconds with three digits. */
export function duration(ms) {
  if (ms === null || ms === undefined) return '';
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 1 : 2)} s`;
  if (ms >= 100) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 10 ? 1 : 2)} ms`;
}

/** Formats a number of bytes. */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return '';
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1 << 20) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

/** Formats a time of this day with milliseconds, in the zone of the browser. */
export function clock(time) {
  const date = new Date(time);
  return `${date.toLocaleTimeString([], { hour12: false })}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Formats a time of any day, in the zone of the browser. */
export function moment(time) {
  return new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
}

const STATES = { running: 'running', abandoned: 'abandoned', succeeded: 'succeeded', failed: 'failed' };

/** Says how an invocation has ended: the status of a response, or a word. */
export function result(call) {
  return call.status === null ? STATES[call.state] : String(call.status);
}

/** Says why a function ran. */
export function cause(call) {
  return call.method === null ? call.reason : `${call.method} ${call.path}`;
}

/** Splits the value of a header `Server-Timing` into names and milliseconds. Metrics without a time are left out. */
export function serverTiming(text) {
  const metrics = text?.match(/(?:"(?:\\.|[^"\\])*"?|[^",])+/g) ?? [];
  return metrics.flatMap((metric) => {
    const name = metric.split(';')[0].trim();
    const time = /;\s*dur\s*=\s*"?([0-9.]+)/i.exec(metric);
    return time === null ? [] : [{ name, ms: Number(time[1]), isPart: true }];
  });
}

/** Returns the stages of an invocation with their milliseconds. What the function has measured is part of its stage. */
export function stages(call) {
  if (call.ended === null) return [];
  const parts = serverTiming(call.serverTiming);
  if (call.answered === null) return [{ name: 'function', ms: call.ended }, ...parts];
  const sent = call.sent ?? call.answered;
  return [
    { name: 'before the function', ms: sent },
    ...(call.sent === null ? [] : [{ name: 'function', ms: call.answered - sent }, ...parts]),
    { name: 'sending the response', ms: call.ended - call.answered },
  ];
}

/** Adds changed invocations to those that are known, the newest first. Keeps `limit`, and those that `isOpen` names. */
export function merged(known, { isAll, calls }, limit, isOpen) {
  const all = new Map(isAll ? [] : known.map((call) => [call.number, call]));
  for (const call of calls) all.set(call.number, call);
  const sorted = [...all.values()].sort((a, b) => b.number - a.number);
  return sorted.filter((call, index) => index < limit || isOpen(call.number));
}
