// Who may run now, and who waits: a bounded number of places, and fewer turns, given in the order in which they are asked
// for.

/** Every place is taken. */
export class QueueFull extends Error {}

/** The client has gone while its call waited. */
export class ClientDisconnected extends Error {}

/** A call's place in the queue, from before its body is read until its end. */
export interface Place {
  /**
   * Waits for the turn to run.
   *
   * @throws ClientDisconnected if nobody waits for the answer any more
   */
  turn(): Promise<void>;
  /** Ends the wait for a turn, now or later; changes nothing once the turn has come. */
  abandon(): void;
  /** Gives the place up, and the turn with it. May be called again. */
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
   * @throws QueueFull if there is none
   */
  enter(): Place {
    if (this.#taken === this.#places) throw new QueueFull(`${this.#taken} calls are under way already`);
    this.#taken++;
    let hasLeft = false;
    let hasTurn = false;
    let abandon: (() => void) | undefined;
    let isAbandoned = false;
    return {
      turn: async () => {
        if (isAbandoned) throw new ClientDisconnected('the client has gone');
        if (this.#turns > 0) this.#turns--;
        else {
          await new Promise<void>((resolve, reject) => {
            const waiting = { start: resolve };
            this.#waiting.add(waiting);
            abandon = () => {
              if (this.#waiting.delete(waiting)) reject(new ClientDisconnected('the client has gone'));
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
