// Limits how many bytes of bodies the process holds at once.

/** The bodies in progress leave too little room for another body. */
export class BodiesFull extends Error {}

export class BodyBudget {
  readonly maxBytes: number;
  #held = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Returns an empty share, for one body. */
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
          throw new BodiesFull(`the bodies in progress hold ${this.#held} of ${this.maxBytes} bytes`);
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
   * @throws BodiesFull if the budget does not allow that
   */
  reserve(bytes: number): void;
  /** Makes the share at least this large, even beyond the budget: the process holds the bytes already. */
  hold(bytes: number): void;
  /** Returns the share to the budget. May be called again. */
  release(): void;
}
