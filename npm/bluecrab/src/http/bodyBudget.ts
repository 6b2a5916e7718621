// Limits how many bytes of bodies, and of the inputs of HTTP functions, the process holds at once.

/** The bodies in progress leave too little room for another body. */
export class BodiesFull extends Error {}

export class BodyBudget {
  readonly maxBytes: number;
  /** How many bytes all shares have. */
  held = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }
}

/** The part of the budget that one body takes, or the inputs of one call. */
export class BodyShare {
  readonly #budget: BodyBudget;
  #bytes = 0;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  /**
   * Makes the share at least this large.
   *
   * @throws BodiesFull if the budget does not allow that
   */
  reserve(bytes: number): void {
    const { held, maxBytes } = this.#budget;
    if (held + Math.max(0, bytes - this.#bytes) > maxBytes) {
      throw new BodiesFull(`the bodies in progress hold ${held} of ${maxBytes} bytes`);
    }
    this.hold(bytes);
  }

  /** Makes the share at least this large, even beyond the budget: the process holds the bytes already. */
  hold(bytes: number): void {
    const more = Math.max(0, bytes - this.#bytes);
    this.#budget.held += more;
    this.#bytes += more;
  }

  /** Returns the share to the budget. May be called again. */
  release(): void {
    this.#budget.held -= this.#bytes;
    this.#bytes = 0;
  }
}
