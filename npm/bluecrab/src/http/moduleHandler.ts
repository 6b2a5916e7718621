// The handler of a module's function that HTTP calls.

import type { HttpHandler, InvocationContext } from '@azure/functions';
import { minimumLevel } from '../logLevel';
import type { HttpTrigger } from '../module/bindings';
import type { FunctionDeclaration } from '../module/declaration';
import type { Module } from '../module/module';
import { type ModuleRequest, moduleRunner } from '../moduleRunner';
import { httpHandler } from './handler';
import { headReader } from './requestHead';

export function moduleHttpHandler(
  module: Module,
  declaration: FunctionDeclaration,
  trigger: HttpTrigger,
): HttpHandler {
  const { name, timeoutMs, maxBodyBytes, inputs, outputs } = declaration;
  const readHead = headReader(declaration.head, (context) => routeOf(name, trigger, context));
  return httpHandler<ModuleRequest>({
    name,
    timeoutMs,
    maxBodyBytes,
    runner: moduleRunner(module, declaration),
    request: (request, context, layout) => ({
      head: readHead(request, context, layout),
      logLevel: minimumLevel(context.functionName),
    }),
    bindings: inputs.length + outputs.length > 0 ? { inputs, outputs } : undefined,
  });
}

/** Returns the route template of a registered function. The app may have chosen another than the manifest's. */
function routeOf(name: string, trigger: HttpTrigger, { functionName, options }: InvocationContext): string {
  const registered = options.trigger as { type: string; route?: string };
  // A test of the app may call a handler that is registered for no trigger. Then the manifest has the route.
  if (registered.type !== trigger.type) return trigger.route ?? name;
  return registered.route ?? functionName;
}
