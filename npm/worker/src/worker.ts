// Answers the messages of the host.

import { App } from './app';
import { loadEntryFiles } from './appLoader';
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
    // As in the platform's worker, an invocation cannot be cancelled.
    return undefined;
  }

  async #init(request: NonNullable<StreamingMessage['workerInitRequest']>): Promise<StreamingMessage> {
    this.#app.hostVersion = request.hostVersion ?? '';
    return { workerInitResponse: await this.#start(request.functionAppDirectory) };
  }

  async #reload(
    request: NonNullable<StreamingMessage['functionEnvironmentReloadRequest']>,
  ): Promise<StreamingMessage> {
    // The worker started as a placeholder. The host now sends the whole environment of the app.
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, request.environmentVariables);
    const { functionAppDirectory } = request;
    if (functionAppDirectory) {
      process.chdir(functionAppDirectory);
      this.#app.reset();
    }
    return { functionEnvironmentReloadResponse: await this.#start(functionAppDirectory) };
  }

  /** Loads the app, if there is one, and returns the worker's capabilities. */
  async #start(folder: string | undefined): Promise<NonNullable<StreamingMessage['workerInitResponse']>> {
    try {
      if (folder) await this.#loadApp(folder);
      const own = await capabilities(this.#app.programmingModel);
      return { capabilities: own, workerMetadata: workerMetadata(), result: success };
    } catch (error) {
      return { capabilities: {}, workerMetadata: workerMetadata(), result: failure(error) };
    }
  }

  /** If an entry file fails, the host learns that when it asks for the functions. The hooks run all the same. */
  async #loadApp(folder: string): Promise<void> {
    try {
      await loadEntryFiles(folder);
    } catch (error) {
      this.#app.loadError = error;
    }
    await this.#app.runAppHooks('appStart', { functionAppDirectory: folder });
  }

  #metadata(): NonNullable<StreamingMessage['functionMetadataResponse']> {
    this.#app.isLoaded = true;
    const { loadError, functions } = this.#app;
    return {
      useDefaultMetadataIndexing: false,
      functionMetadataResults: [...functions.values()].map(({ metadata }) => metadata),
      result: loadError === undefined ? success : failure(loadError),
    };
  }

  #load(functionId: string): StreamingMessage {
    const { loadError } = this.#app;
    const result = loadError === undefined ? success : failure(loadError);
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
      await this.#app.runAppHooks('appTerminate');
    } catch (error) {
      // The process ends before a log entry could be sent.
      console.error('a hook of appTerminate failed:', error);
    }
    process.exit(0);
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
