// The app in this worker: its functions, its hooks, its programming model.

import type {
  FunctionCallback,
  HookCallback,
  HookName,
  ProgrammingModel,
  RpcFunctionMetadata,
} from '@azure/functions-core';

export interface RegisteredFunction {
  metadata: RpcFunctionMetadata;
  callback: FunctionCallback;
}

type HookData = Record<string, unknown>;

export class App {
  readonly functions = new Map<string, RegisteredFunction>();
  programmingModel: ProgrammingModel | undefined;
  hostVersion = '';
  /** Why the app's files could not be loaded. */
  loadError: unknown;
  /** Set when the host asks for the functions. After that no function can be registered. */
  isLoaded = false;
  /** The data that all hooks of the app share. */
  #appHookData: HookData = {};
  /** The data that the hooks `appStart` and `appTerminate` share. */
  #lifetimeHookData: HookData = {};
  #hooks = noHooks();

  /** Removes the app, so that another app can be loaded. */
  reset(): void {
    this.functions.clear();
    this.#hooks = noHooks();
    this.#appHookData = {};
    this.#lifetimeHookData = {};
    this.programmingModel = undefined;
    this.loadError = undefined;
    this.isLoaded = false;
  }

  register(metadata: RpcFunctionMetadata, callback: FunctionCallback): () => void {
    this.#checkStillLoading('registered');
    const id = metadata.functionId || metadata.name;
    if (!id) throw new Error('a function needs a name');
    if (this.functions.has(id)) throw new Error(`A function with id "${id}" has already been registered.`);
    const rawBindings = Object.entries(metadata.bindings ?? {}).map(([name, binding]) =>
      JSON.stringify({ ...binding, name }),
    );
    // `@azure/functions` spells `fixedDelay`, and the protocol `fixed_delay`.
    const strategy = metadata.retryOptions?.retryStrategy;
    const retryStrategy = strategy?.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    // The platform's host requires a script file, though nothing reads it.
    const complete = {
      ...metadata,
      ...(retryStrategy && { retryOptions: { ...metadata.retryOptions, retryStrategy } }),
      functionId: id,
      name: metadata.name ?? id,
      rawBindings,
      scriptFile: 'n/a',
    };
    this.functions.set(id, { metadata: complete, callback });
    return () => {
      this.#checkStillLoading('removed');
      this.functions.delete(id);
    };
  }

  addHook(name: HookName, callback: HookCallback): () => void {
    const hooks = this.#hooks[name];
    if (!hooks) throw new RangeError(`there is no hook "${name}"`);
    hooks.push(callback);
    return () => {
      const index = hooks.indexOf(callback);
      if (index >= 0) hooks.splice(index, 1);
    };
  }

  hasLogHooks(): boolean {
    return this.#hooks.log.length > 0;
  }

  async runAppHooks(name: 'appStart' | 'appTerminate', members: object = {}): Promise<void> {
    await this.runHooks(name, this.hookContext(members, {}, this.#lifetimeHookData));
  }

  async runHooks(name: HookName, context: object): Promise<void> {
    for (const hook of this.#hooks[name]) await hook(context);
  }

  /** Runs the log hooks. Logging is synchronous, so a promise of a log hook is not awaited. */
  runLogHooks(context: object): void {
    for (const hook of this.#hooks.log) hook(context);
  }

  /** Makes the context of a hook. As on the platform, hooks can replace `members`, but no other property. */
  hookContext<T extends object>(
    members: T,
    readOnly: Record<string, unknown> = {},
    hookData: HookData = {},
  ): T {
    const fixed = { ...readOnly, hookData, appHookData: this.#appHookData };
    for (const [name, value] of Object.entries(fixed)) {
      Object.defineProperty(members, name, {
        enumerable: true,
        get: () => value,
        set: () => {
          throw new TypeError(`the property "${name}" of a hook's context is read-only`);
        },
      });
    }
    return members;
  }

  #checkStillLoading(done: string): void {
    if (this.isLoaded) throw new Error(`A function can only be ${done} while the app starts.`);
  }
}

function noHooks(): Record<HookName, HookCallback[]> {
  return { appStart: [], appTerminate: [], preInvocation: [], postInvocation: [], log: [] };
}
