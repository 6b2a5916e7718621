// The interfaces of WASI 0.2 that lead to other machines. They exist, because standard tools always import them, but
// every use is refused with an error of the interface, and the log says what the component tried.

import type { OutgoingRequest } from './wasiHttp';

/** Longer addresses are cut off in the log. */
const MAX_ADDRESS = 300;

class Network {}
class ResolveAddressStream {}
class TcpSocket {}
class UdpSocket {}
class IncomingDatagramStream {}
class OutgoingDatagramStream {}

/** @param log - writes a warning */
export function network(log: (message: string) => void): Record<string, Record<string, unknown>> {
  const refuse = (attempt: string, error: unknown): never => {
    log(`the component tried to ${attempt}, which is refused: a component has no network`);
    throw error;
  };
  const socket = (kind: string) => (family: string) =>
    refuse(`open a ${kind} socket (${family})`, 'access-denied');
  return {
    'wasi:http/outgoing-handler': {
      handle: (request: OutgoingRequest) =>
        refuse(`send ${describe(request)}`, { tag: 'HTTP-request-denied' }),
    },
    'wasi:sockets/instance-network': { instanceNetwork: () => new Network() },
    'wasi:sockets/ip-name-lookup': {
      ResolveAddressStream,
      resolveAddresses: (_: Network, name: string) =>
        refuse(`look up the address of ${name.slice(0, MAX_ADDRESS)}`, 'access-denied'),
    },
    'wasi:sockets/network': { Network, networkErrorCode: () => undefined },
    'wasi:sockets/tcp': { TcpSocket },
    'wasi:sockets/tcp-create-socket': { createTcpSocket: socket('TCP') },
    'wasi:sockets/udp': { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    'wasi:sockets/udp-create-socket': { createUdpSocket: socket('UDP') },
  };
}

/** Returns method and address of a request. The query stays out of the log, since it may contain a secret. */
function describe(request: OutgoingRequest): string {
  const { tag, val } = request.method();
  const scheme = request.scheme();
  const [path] = (request.pathWithQuery() ?? '/').split('?');
  const address = `${(scheme?.val ?? scheme?.tag ?? 'http').toLowerCase()}://${request.authority() ?? ''}${path}`;
  return `${(val ?? tag).toUpperCase()} ${address.slice(0, MAX_ADDRESS)}`;
}
