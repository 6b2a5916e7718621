// Decides which calls run and which wait, in the order of their arrival. The number of waiting calls is limited.

/** Too many calls are running and waiting. */
export class QueueFull extends Error {}

/** The client disconnected while its call waited. */
export class ClientDisconnected extends Error {}

/** The place of a call in the queue, from before its body is read until the call ends. */
export interface Place {
  /**
   * Waits until the call may run.
   *
   * @throws ClientDisconnected if the client no longer waits for the response
   */
  turn(): Promise<void>;
  /** Cancels `turn`, now or later. Does nothing once the call may run. */
  abandon(): void;
  /** Leaves the queue, so that the next call may run. May be called again. */
  leave(): void;
}

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
   * @throws QueueFull if all places are taken
   */
  enter(): Place {
    if (this.#taken === this.#places)
      throw new QueueFull(`${this.#taken} calls are already running or waiting`);
    this.#taken++;
    let hasLeft = false;
    let hasTurn = false;
    let abandon: (() => void) | undefined;
    let isAbandoned = false;
    return {
      turn: async () => {
        if (isAbandoned) throw new ClientDisconnected('the client disconnected');
        if (this.#turns > 0) this.#turns--;
        else {
          await new Promise<void>((resolve, reject) => {
            const waiting = { start: resolve };
            this.#waiting.add(waiting);
            abandon = () => {
              if (this.#waiting.delete(waiting)) reject(new ClientDisconnected('the client disconnected'));
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
        this.#taken--;
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
