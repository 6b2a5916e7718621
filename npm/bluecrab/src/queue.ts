// Who may run now, and who waits: so many at once, so many waiting, the first come first.

/** There is no place to wait. */
export class QueueFull extends Error {}

/** The one that waited has left. */
export class Left extends Error {}

/** A place in the queue, or a turn. */
export interface Ticket {
  /** Fulfilled when it is this one's turn; rejected with {@link Left} where it has left before. */
  turn: Promise<void>;
  /** Leaves the queue; of a turn that has come nothing changes. */
  leave(): void;
}

interface Waiting {
  start(): void;
}

export class Queue {
  #free: number;
  readonly #maxWaiting: number;
  readonly #waiting = new Set<Waiting>();

  constructor(turns: number, maxWaiting: number) {
    this.#free = turns;
    this.#maxWaiting = maxWaiting;
  }

  /** Throws {@link QueueFull} where there is no place. */
  refuseWhenFull(): void {
    if (this.#free > 0 || this.#waiting.size < this.#maxWaiting) return;
    throw new QueueFull(`${this.#waiting.size} calls are waiting already`);
  }

  /** Joins the queue. Throws {@link QueueFull} where there is no place. */
  join(): Ticket {
    this.refuseWhenFull();
    if (this.#free > 0) {
      this.#free--;
      return { turn: Promise.resolve(), leave: () => undefined };
    }
    const { promise, resolve, reject } = withResolvers();
    const waiting = { start: resolve };
    this.#waiting.add(waiting);
    const leave = () => {
      if (this.#waiting.delete(waiting)) reject(new Left('the client has gone'));
    };
    return { turn: promise, leave };
  }

  /** Ends a turn; the next one's begins. */
  done(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#waiting.delete(next);
    next.start();
  }
}

function withResolvers() {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
