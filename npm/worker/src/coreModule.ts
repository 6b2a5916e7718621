// Provides the module `@azure/functions-core` to every `require`. It is not published: each worker brings its own.

import Module from 'node:module';
import type {
  HookCallback,
  HookName,
  ProgrammingModel,
  RpcLogCategory,
  RpcLogLevel,
} from '@azure/functions-core';
import type { App } from './app';
import { version } from './capabilities';
import type { Logger } from './logger';

const NAME = '@azure/functions-core';

/** A registration that can be undone. */
class Disposable {
  #undo: (() => void) | undefined;

  constructor(undo: () => void) {
    this.#undo = undo;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    this.#undo?.();
    this.#undo = undefined;
  }
}

export function provideCoreModule(app: App, logger: Logger): void {
  const core = {
    version,
    get hostVersion() {
      return app.hostVersion;
    },
    Disposable,
    registerFunction: (...args: Parameters<App['register']>) => new Disposable(app.register(...args)),
    registerHook: (name: HookName, callback: HookCallback) => new Disposable(app.addHook(name, callback)),
    setProgrammingModel: (model: ProgrammingModel) => {
      app.programmingModel = model;
    },
    getProgrammingModel: () => app.programmingModel,
    log: (level: RpcLogLevel, category: RpcLogCategory, message: string) =>
      logger.log({ level, category, message }),
  };
  Module.prototype.require = new Proxy(Module.prototype.require, {
    apply: (require, self, args: [string]) => (args[0] === NAME ? core : Reflect.apply(require, self, args)),
  });
}
