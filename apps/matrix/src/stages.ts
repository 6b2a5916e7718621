// Measures the stages of a JavaScript function for the header Server-Timing. The app setting is the same as for
// modules.

export class Stages {
  static readonly areMeasured = process.env.BLUECRAB_SERVER_TIMING === '1';

  readonly #metrics: string[] = [];
  #last = performance.now();

  /** Ends a stage, which began when the previous stage ended. */
  end(name: string): void {
    const now = performance.now();
    this.#metrics.push(`${name};dur=${(now - this.#last).toFixed(3)}`);
    this.#last = now;
  }

  toString(): string {
    return this.#metrics.join(', ');
  }
}
