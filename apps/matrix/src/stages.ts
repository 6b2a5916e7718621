// The stages of a function in JavaScript, for the header Server-Timing under the same app setting as a module's.

export class Stages {
  static readonly areMeasured = process.env.BLUECRAB_SERVER_TIMING === '1';

  readonly #metrics: string[] = [];
  #last = performance.now();

  /** Ends the stage that began with the end of the one before. */
  end(name: string): void {
    const now = performance.now();
    this.#metrics.push(`${name};dur=${(now - this.#last).toFixed(3)}`);
    this.#last = now;
  }

  toString(): string {
    return this.#metrics.join(', ');
  }
}
