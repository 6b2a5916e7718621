// How many bytes of bodies the process holds: their sum has a bound.

/** The bodies under way leave no room for another one. */
export class BodiesFull extends Error {}

export class BodyBudget {
  readonly maxBytes: number;
  #held = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** A share for one body, empty at first. */
  share(): BodyShare {
    let bytes = 0;
    const hold = (wanted: number) => {
      const more = Math.max(0, wanted - bytes);
      this.#held += more;
      bytes += more;
    };
    return {
      reserve: (wanted) => {
        if (this.#held + Math.max(0, wanted - bytes) > this.maxBytes) {
          throw new BodiesFull(`the bodies under way hold ${this.#held} of ${this.maxBytes} bytes`);
        }
        hold(wanted);
      },
      hold,
      release: () => {
        this.#held -= bytes;
        bytes = 0;
      },
    };
  }
}

/** The part of the budget that one body takes. */
export interface BodyShare {
  /**
   * Makes the share at least this large.
   *
   * @throws BodiesFull if there is no room for that
   */
  reserve(bytes: number): void;
  /** Makes the share at least this large, even without room: the bytes are there already. */
  hold(bytes: number): void;
  /** Gives the share back. May be called again. */
  release(): void;
}
