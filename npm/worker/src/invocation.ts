// Runs one invocation: arguments, hooks, handler, response. `@azure/functions` does each step; this file orders them.

import type {
  CoreInvocationContext,
  InvocationState,
  RpcInvocationRequest,
  RpcInvocationResponse,
} from '@azure/functions-core';
import type { App } from './app';
import { capital, type Logger } from './logger';

export async function invoke(
  app: App,
  logger: Logger,
  request: RpcInvocationRequest,
): Promise<RpcInvocationResponse> {
  const registered = app.functions.get(request.functionId);
  if (!registered) throw new Error(`the function "${request.functionId}" is not loaded`);
  if (!app.programmingModel)
    throw new Error('the app has not set a programming model; does it import @azure/functions?');
  const { metadata } = registered;

  let state: InvocationState | undefined;
  let libraryContext: object | undefined;
  /** The data that the hooks of this invocation share. */
  const hookData = {};
  const core: CoreInvocationContext = {
    invocationId: request.invocationId,
    request,
    metadata,
    get state() {
      return state;
    },
    log: (level, category, message) => {
      const { invocationId } = request;
      const origin = `${metadata.name}.Invocation`;
      logger.log({
        level,
        category,
        message,
        invocationId,
        origin,
        hookData,
        ...(libraryContext && { context: libraryContext }),
      });
    },
  };
  const during = async <T>(name: InvocationState, work: () => Promise<T>): Promise<T> => {
    state = name;
    try {
      return await work();
    } finally {
      state = undefined;
    }
  };

  addDefaults(request);
  const model = app.programmingModel.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  libraryContext = context;
  addReservedParams(request, inputs);
  const readOnly = { invocationContext: context };

  const before = app.hookContext({ inputs, functionCallback: registered.callback }, readOnly, hookData);
  await during('preInvocationHooks', () => app.runHooks('preInvocation', before));

  const outcome: { inputs: unknown[]; result: unknown; error: unknown } = {
    inputs: before.inputs,
    result: null,
    error: null,
  };
  const after = app.hookContext(outcome, readOnly, hookData);
  try {
    after.result = await during('invocation', () =>
      model.invokeFunction(context, before.inputs, before.functionCallback),
    );
  } catch (error) {
    after.error = error;
  }
  await during('postInvocationHooks', () => app.runHooks('postInvocation', after));
  if (after.error !== null && after.error !== undefined) throw after.error;
  return withProtocolNames(await model.getResponse(context, after.result));
}

/**
 * Adds what a message does not contain because it is 0 or empty. `@azure/functions` needs the counts of the first
 * attempt, and passes the texts on to the function.
 */
function addDefaults(request: RpcInvocationRequest): void {
  const contexts: [unknown, object][] = [
    [request.retryContext, { retryCount: 0, maxRetryCount: 0 }],
    [request.traceContext, { traceParent: '', traceState: '' }],
  ];
  for (const [context, defaults] of contexts) {
    if (context) Object.assign(context, { ...defaults, ...context });
  }
}

/**
 * Adds the route parameters `Headers` and `Query` to a streamed request.
 *
 * `@azure/functions` takes route parameters from the trigger's metadata, in which these two names have another meaning.
 * The local host sends them in the empty HTTP request of the invocation instead.
 */
function addReservedParams({ inputData }: RpcInvocationRequest, [input]: unknown[]): void {
  const { http } = (inputData?.[0]?.data ?? {}) as {
    http?: { nullableParams?: Record<string, { value?: string }> };
  };
  for (const name of ['Headers', 'Query']) {
    const value = http?.nullableParams?.[name]?.value;
    if (value !== undefined) (input as { params: Record<string, string> }).params[name] = value;
  }
}

/** Capitalizes a cookie's SameSite: `@azure/functions` writes `strict`, the protocol's enum is `Strict`. */
function withProtocolNames(response: RpcInvocationResponse): RpcInvocationResponse {
  const { http } = (response.returnValue ?? {}) as { http?: { cookies?: { sameSite?: string }[] } };
  for (const cookie of http?.cookies ?? []) {
    if (cookie.sameSite) cookie.sameSite = capital(cookie.sameSite);
  }
  return response;
}
