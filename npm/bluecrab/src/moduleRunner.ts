// Runs the calls of a module's function.

import { ShortCalls } from './eventLoop/shortCalls';
import { call } from './module/call';
import type { FunctionDeclaration } from './module/declaration';
import type { Module } from './module/module';
import { prepareThreads } from './pool/pool';
import type { Runner } from './run';
import { isDebugged } from './settings';

/** What a module's function receives in addition to the body. */
export interface ModuleRequest {
  head: string;
  /** Log entries below this level are dropped. */
  logLevel: number;
}

/** Returns a runner of a function, which learns from its own calls whether they are short. */
export function moduleRunner(module: Module, declaration: FunctionDeclaration): Runner<ModuleRequest> {
  const { metered } = module;
  const { outputs: declared, run } = declaration;
  const template = run === 'fresh' ? { ...module.template, isFresh: true } : module.template;
  const fixed = {
    export: declaration.export,
    // Each member costs a little on its way to a thread.
    ...(declared.length > 0 && { outputs: declared.map(({ name }) => name) }),
  };
  const task: Runner<ModuleRequest>['task'] = (request, isTimed) => (body) => ({
    kind: 'module',
    template,
    ...fixed,
    ...request,
    body,
    isTimed,
  });
  if (isDebugged()) {
    return {
      task,
      inline: {
        expects: () => true,
        run: (request, body, log, stopwatch) =>
          call(template, { ...fixed, ...request, body, stopwatch }, log),
        rehearsal: () => undefined,
        ranOnThread: () => undefined,
      },
    };
  }
  const shortCalls = metered && run === 'auto' ? new ShortCalls(metered) : undefined;
  const { name, warmUp, timeoutMs } = declaration;
  prepareThreads({ name, task: { kind: 'warm-up', guest: { module: template, warmUp } }, timeoutMs });
  return {
    task,
    ...(shortCalls && {
      inline: {
        expects: (declaredBytes) => shortCalls.expect(declaredBytes),
        run: ({ head, logLevel }, body, log, stopwatch) =>
          shortCalls.run(
            { export: fixed.export, outputs: fixed.outputs, head, logLevel, body, stopwatch },
            log,
          ),
        rehearsal: (request, body) => shortCalls.rehearsal({ ...fixed, ...request, body }),
        ranOnThread: (bytes, milliseconds) => shortCalls.ranOnThread(bytes, milliseconds),
      },
    }),
  };
}
