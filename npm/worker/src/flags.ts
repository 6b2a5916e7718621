// Reads the flags with which a host starts a worker.

export interface Flags {
  uri: string;
  workerId: string;
  requestId: string;
  maxMessageLength: number;
}

/** Reads the platform's flags, by their new and their old names. Ignores unknown flags. */
export function readFlags(args: string[]): Flags {
  const text = (name: string): string | undefined => {
    const index = args.indexOf(`--${name}`);
    return index < 0 ? undefined : args[index + 1];
  };
  const old = text('host') && text('port') ? `http://${text('host')}:${text('port')}/` : undefined;
  return {
    uri: text('functions-uri') ?? old ?? missing('--functions-uri'),
    workerId: text('functions-worker-id') ?? text('workerId') ?? missing('--functions-worker-id'),
    requestId: text('functions-request-id') ?? text('requestId') ?? '',
    maxMessageLength: Number(text('functions-grpc-max-message-length') ?? text('grpcMaxMessageLength') ?? -1),
  };
}

function missing(flag: string): never {
  throw new Error(`the flag ${flag} is missing; a Functions host starts this program and passes it`);
}
