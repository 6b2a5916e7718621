// The messages of the FunctionRpc protocol as protobufjs reads and writes them: names in camel case, enums as text.

import type {
  RpcBindingInfo,
  RpcFunctionMetadata,
  RpcInvocationRequest,
  RpcInvocationResponse,
  RpcLogCategory,
  RpcLogLevel,
} from '@azure/functions-core';
import { Root, type Type } from 'protobufjs/light';

declare const PROTOCOL: Parameters<typeof Root.fromJSON>[0];

export interface StatusResult {
  status: 'Success' | 'Failure';
  exception?: { message: string; stackTrace: string; isUserException: boolean };
}

/** A message to or from the host. One of the optional members is set. */
export interface StreamingMessage {
  requestId?: string;
  startStream?: { workerId: string };
  workerInitRequest?: { hostVersion: string; functionAppDirectory: string; workerDirectory?: string };
  workerInitResponse?: {
    capabilities: Record<string, string>;
    workerMetadata: WorkerMetadata;
    result: StatusResult;
  };
  functionsMetadataRequest?: { functionAppDirectory?: string };
  functionMetadataResponse?: {
    useDefaultMetadataIndexing: boolean;
    functionMetadataResults: RpcFunctionMetadata[];
    result: StatusResult;
  };
  functionLoadRequest?: { functionId: string; metadata?: RpcFunctionMetadata };
  functionLoadResponse?: { functionId: string; result: StatusResult };
  functionEnvironmentReloadRequest?: {
    environmentVariables?: Record<string, string>;
    functionAppDirectory?: string;
  };
  functionEnvironmentReloadResponse?: {
    capabilities: Record<string, string>;
    workerMetadata: WorkerMetadata;
    result: StatusResult;
  };
  invocationRequest?: RpcInvocationRequest;
  invocationResponse?: RpcInvocationResponse & { result: StatusResult };
  invocationCancel?: { invocationId: string };
  workerStatusRequest?: object;
  workerStatusResponse?: object;
  workerTerminate?: object;
  workerWarmupRequest?: object;
  workerWarmupResponse?: { result: StatusResult };
  rpcLog?: {
    invocationId?: string;
    category?: string;
    level: RpcLogLevel;
    message: string;
    logCategory: RpcLogCategory;
  };
}

export interface WorkerMetadata {
  runtimeName: string;
  runtimeVersion: string;
  workerVersion: string;
  workerBitness: string;
}

export type Bindings = Record<string, RpcBindingInfo>;

const type: Type = Root.fromJSON(PROTOCOL).lookupType('AzureFunctionsRpcMessages.StreamingMessage');

/** How messages are decoded: 64-bit integers as numbers, enums as text, all lists and maps. */
const decoded = { longs: Number, enums: String, bytes: Buffer, arrays: true, objects: true };

export function encode(message: StreamingMessage): Buffer {
  return type.encode(type.fromObject(message)).finish() as Buffer;
}

export function decode(bytes: Buffer): StreamingMessage {
  return type.toObject(type.decode(bytes), decoded) as StreamingMessage;
}
