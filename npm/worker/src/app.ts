// The app's state in this worker: its functions, its hooks, its programming model.

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
  /** Functions can only be registered until the host asks for them. */
  isLoaded = false;
  /** What hooks share with all hooks of the app. */
  #appHookData: HookData = {};
  /** What the hooks of the app's start share with those of its end. */
  #lifetimeHookData: HookData = {};
  #hooks = noHooks();

  /** Forgets everything about an app, so that another can be loaded in its place. */
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
    // The platform's host asks for a script file, though nothing reads it.
    const complete = {
      ...metadata,
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

  /** Whoever logs does not wait, so log hooks cannot either. */
  runLogHooks(context: object): void {
    for (const hook of this.#hooks.log) hook(context);
  }

  /** The context of a hook: as on the platform, `members` can be replaced, the others cannot. */
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
