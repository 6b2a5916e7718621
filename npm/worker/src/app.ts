// The app's state in this worker: its functions, its hooks, its programming model.

import type {
  FunctionCallback,
  HookCallback,
  ProgrammingModel,
  RpcFunctionMetadata,
} from '@azure/functions-core';

export interface RegisteredFunction {
  metadata: RpcFunctionMetadata;
  callback: FunctionCallback;
}

export class App {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly hookData: Record<string, unknown> = {};
  programmingModel: ProgrammingModel | undefined;
  hostVersion = '';
  /** Why the app's files could not be loaded. */
  loadError: unknown;
  /** Functions can only be registered while the app's files are loaded. */
  isLoaded = false;
  readonly #hooks = new Map<string, HookCallback[]>();

  /** Forgets what an app has registered, so that another can be loaded in its place. */
  reset(): void {
    this.functions.clear();
    this.#hooks.clear();
    this.loadError = undefined;
    this.isLoaded = false;
  }

  register(metadata: RpcFunctionMetadata, callback: FunctionCallback): () => void {
    this.#checkStillLoading('registered');
    const id = metadata.functionId ?? metadata.name;
    if (id === undefined) throw new Error('a function needs a name');
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

  addHook(name: string, callback: HookCallback): () => void {
    const hooks = this.#hooks.get(name) ?? [];
    this.#hooks.set(name, hooks);
    hooks.push(callback);
    return () => {
      const index = hooks.indexOf(callback);
      if (index >= 0) hooks.splice(index, 1);
    };
  }

  hasHooks(name: string): boolean {
    return (this.#hooks.get(name)?.length ?? 0) > 0;
  }

  async runHooks(name: string, context: Record<string, unknown>): Promise<void> {
    for (const hook of this.#hooks.get(name) ?? []) await hook(context);
  }

  /** For hooks that cannot wait. */
  runHooksNow(name: string, context: Record<string, unknown>): void {
    for (const hook of this.#hooks.get(name) ?? []) hook(context);
  }

  #checkStillLoading(done: string): void {
    if (this.isLoaded) throw new Error(`A function can only be ${done} while the app starts.`);
  }
}
