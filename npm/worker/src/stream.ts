// The gRPC stream to the host.

import { type ClientDuplexStream, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { decode, encode, type StreamingMessage } from './messages';

type EventStream = ClientDuplexStream<StreamingMessage, StreamingMessage>;

const Client = makeGenericClientConstructor(
  {
    eventStream: {
      path: '/AzureFunctionsRpcMessages.FunctionRpc/EventStream',
      requestStream: true,
      responseStream: true,
      requestSerialize: encode,
      requestDeserialize: decode,
      responseSerialize: encode,
      responseDeserialize: decode,
    },
  },
  'FunctionRpc',
);

export class Stream {
  readonly #calls: EventStream;

  constructor(uri: string, maxMessageLength: number) {
    const client = new Client(new URL(uri).host, credentials.createInsecure(), {
      'grpc.max_send_message_length': maxMessageLength,
      'grpc.max_receive_message_length': maxMessageLength,
    });
    const open = client.eventStream as unknown as () => EventStream;
    this.#calls = open.call(client);
  }

  onMessage(listener: (message: StreamingMessage) => void): void {
    this.#calls.on('data', listener);
  }

  onEnd(listener: () => void): void {
    this.#calls.on('end', listener);
    this.#calls.on('error', listener);
  }

  send(message: StreamingMessage): void {
    this.#calls.write(message);
  }
}
