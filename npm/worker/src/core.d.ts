// The types of the module `@azure/functions-core`, which this worker provides to `@azure/functions`. They are not
// published, so the parts that `@azure/functions` uses are declared here.

declare module '@azure/functions-core' {
  type RpcLogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
  type RpcLogCategory = 'user' | 'system' | 'customMetric';

  interface RpcBindingInfo {
    type?: string;
    direction?: 'in' | 'out' | 'inout';
    [member: string]: unknown;
  }

  interface RpcFunctionMetadata {
    name?: string;
    functionId?: string;
    scriptFile?: string;
    directory?: string;
    rawBindings?: string[];
    bindings?: Record<string, RpcBindingInfo>;
    retryOptions?: { retryStrategy?: string; [member: string]: unknown };
  }

  interface RpcInvocationRequest {
    invocationId: string;
    functionId: string;
    inputData?: { name: string; data: unknown }[];
    triggerMetadata?: Record<string, unknown>;
    traceContext?: unknown;
    retryContext?: unknown;
  }

  interface RpcInvocationResponse {
    invocationId: string;
    outputData?: { name: string; data: unknown }[];
    returnValue?: unknown;
  }

  type FunctionCallback = (...args: unknown[]) => unknown;
  type HookName = 'appStart' | 'appTerminate' | 'preInvocation' | 'postInvocation' | 'log';
  type HookCallback = (context: object) => unknown;
  type InvocationState = 'preInvocationHooks' | 'postInvocationHooks' | 'invocation';

  interface CoreInvocationContext {
    invocationId: string;
    request: RpcInvocationRequest;
    metadata: RpcFunctionMetadata;
    state?: InvocationState | undefined;
    log(level: RpcLogLevel, category: RpcLogCategory, message: string): void;
  }

  interface InvocationModel {
    getArguments(): Promise<{ context: object; inputs: unknown[] }>;
    invokeFunction(context: object, inputs: unknown[], handler: FunctionCallback): Promise<unknown>;
    getResponse(context: object, result: unknown): Promise<RpcInvocationResponse>;
  }

  interface ProgrammingModel {
    name: string;
    version: string;
    getInvocationModel(context: CoreInvocationContext): InvocationModel;
    getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
  }
}
