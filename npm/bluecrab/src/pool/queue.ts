// Decides which calls run and which wait, in the order of their arrival.

/** Too many calls are running and waiting. */
export class QueueFull extends Error {}

/** Nobody waits for the call any more: it was removed from the queue. */
export class CallAbandoned extends Error {}

const ABANDONED = 'the client disconnected';

/** The place of a call in the queue, from before its body is read until the call ends. */
export interface Place {
  /**
   * Waits until the call may run.
   *
   * @throws CallAbandoned after `abandon`
   */
  turn(): Promise<void>;
  /** Cancels `turn`, now or later. Does nothing once the call may run. */
  abandon(): void;
  /** Leaves the queue, so that the next call may run. May be called again. */
  leave(): void;
}

/**
 * Who wants a place. A client is refused if all places are taken; the app, or a trigger other than HTTP, is not. The
 * preparation of a thread is refused like a client, but takes no place, so that no client is refused because of it.
 */
export type Visitor = 'client' | 'app' | 'preparation';

interface Waiting {
  start(): void;
}

export class Queue {
  readonly #places: number;
  #taken = 0;
  #turns: number;
  readonly #waiting = new Set<Waiting>();

  constructor(turns: number, maxWaiting: number) {
    this.#turns = turns;
    this.#places = turns + maxWaiting;
  }

  /**
   * Takes a place.
   *
   * @throws QueueFull if the visitor is refused
   */
  enter(visitor: Visitor): Place {
    if (visitor !== 'app' && this.#taken >= this.#places)
      throw new QueueFull(`${this.#taken} calls are already running or waiting`);
    const places = visitor === 'preparation' ? 0 : 1;
    this.#taken += places;
    let hasLeft = false;
    let hasTurn = false;
    let abandon: (() => void) | undefined;
    let isAbandoned = false;
    return {
      turn: async () => {
        if (isAbandoned) throw new CallAbandoned(ABANDONED);
        if (this.#turns > 0) this.#turns--;
        else {
          await new Promise<void>((resolve, reject) => {
            const waiting = { start: resolve };
            this.#waiting.add(waiting);
            abandon = () => {
              if (this.#waiting.delete(waiting)) reject(new CallAbandoned(ABANDONED));
            };
          });
        }
        hasTurn = true;
      },
      abandon: () => {
        isAbandoned = true;
        abandon?.();
      },
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        this.#taken -= places;
        if (hasTurn) this.#endTurn();
      },
    };
  }

  #endTurn(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#turns++;
    else {
      this.#waiting.delete(next);
      next.start();
    }
  }
}
