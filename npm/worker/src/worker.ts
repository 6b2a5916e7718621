// Answers each of the host's messages.

import { App } from './app';
import { loadApp } from './appLoader';
import { capabilities, workerMetadata } from './capabilities';
import { provideCoreModule } from './coreModule';
import { invoke } from './invocation';
import { Logger } from './logger';
import type { StatusResult, StreamingMessage } from './messages';
import type { Stream } from './stream';

const success: StatusResult = { status: 'Success' };

export class Worker {
  readonly #stream: Stream;
  readonly #app = new App();
  readonly #logger: Logger;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#logger = new Logger(stream, this.#app);
    provideCoreModule(this.#app, this.#logger);
  }

  receive(message: StreamingMessage): void {
    this.#answer(message).then(
      (answer) => {
        if (answer) this.#stream.send({ requestId: message.requestId ?? '', ...answer });
      },
      (error) => this.#logSystemError('a message of the host', error),
    );
  }

  async #answer(message: StreamingMessage): Promise<StreamingMessage | undefined> {
    if (message.invocationRequest) return this.#invoke(message.invocationRequest);
    if (message.workerStatusRequest) return { workerStatusResponse: {} };
    if (message.workerInitRequest) return this.#init(message.workerInitRequest);
    if (message.functionsMetadataRequest) return { functionMetadataResponse: this.#metadata() };
    if (message.functionLoadRequest) return this.#load(message.functionLoadRequest.functionId);
    if (message.functionEnvironmentReloadRequest)
      return this.#reload(message.functionEnvironmentReloadRequest);
    if (message.workerWarmupRequest) return { workerWarmupResponse: { result: success } };
    if (message.workerTerminate) await this.#terminate();
    // As on the platform, an invocation cannot be cancelled.
    return undefined;
  }

  async #init(request: NonNullable<StreamingMessage['workerInitRequest']>): Promise<StreamingMessage> {
    this.#app.hostVersion = request.hostVersion ?? '';
    await this.#loadApp(request.functionAppDirectory);
    const own = await capabilities(this.#app.programmingModel);
    return { workerInitResponse: { capabilities: own, workerMetadata: workerMetadata(), result: success } };
  }

  async #reload(
    request: NonNullable<StreamingMessage['functionEnvironmentReloadRequest']>,
  ): Promise<StreamingMessage> {
    // The host sends the whole environment of the app that takes the placeholder's place.
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, request.environmentVariables);
    if (request.functionAppDirectory) {
      process.chdir(request.functionAppDirectory);
      this.#app.reset();
      await this.#loadApp(request.functionAppDirectory);
    }
    const own = await capabilities(this.#app.programmingModel);
    return {
      functionEnvironmentReloadResponse: {
        capabilities: own,
        workerMetadata: workerMetadata(),
        result: success,
      },
    };
  }

  /** An app that cannot be loaded is reported when the host asks for its functions. */
  async #loadApp(folder: string): Promise<void> {
    try {
      await loadApp(this.#app, folder);
    } catch (error) {
      this.#app.loadError = error;
    }
    this.#app.isLoaded = true;
  }

  #metadata(): NonNullable<StreamingMessage['functionMetadataResponse']> {
    const { loadError, functions } = this.#app;
    return {
      useDefaultMetadataIndexing: false,
      functionMetadataResults: [...functions.values()].map(({ metadata }) => metadata),
      result: loadError === undefined ? success : failure(loadError),
    };
  }

  #load(functionId: string): StreamingMessage {
    const known = this.#app.functions.has(functionId);
    const result = known ? success : failure(new Error(`the app registers no function "${functionId}"`));
    return { functionLoadResponse: { functionId, result } };
  }

  async #invoke(request: NonNullable<StreamingMessage['invocationRequest']>): Promise<StreamingMessage> {
    try {
      const response = await invoke(this.#app, this.#logger, request);
      return { invocationResponse: { ...response, result: success } };
    } catch (error) {
      return { invocationResponse: { invocationId: request.invocationId, result: failure(error) } };
    }
  }

  async #terminate(): Promise<void> {
    try {
      await this.#app.runHooks('appTerminate', { hookData: {}, appHookData: this.#app.hookData });
    } finally {
      process.exit(0);
    }
  }

  #logSystemError(what: string, error: unknown): void {
    const message = `${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`;
    this.#logger.log({ level: 'error', category: 'system', message });
  }
}

function failure(error: unknown): StatusResult {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { status: 'Failure', exception: { message, stackTrace: stack ?? '', isUserException: true } };
}
