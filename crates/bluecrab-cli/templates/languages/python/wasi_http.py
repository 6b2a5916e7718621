"""Lets functions answer HTTP requests in a component: a function takes a Request and returns a Response."""

from collections.abc import Callable
from dataclasses import dataclass

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports.types import Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam

# `blocking-write-and-flush` accepts at most this many bytes.
PIECE = 4096


@dataclass
class Request:
    path: str
    query: str
    # The names are in lower case.
    headers: dict[str, str]
    body: bytes


@dataclass
class Response:
    body: bytes
    media_type: str = "text/plain; charset=utf-8"
    status: int = 200


def handler(functions: dict[str, Callable[[Request], Response]]) -> type:
    """Returns the class that answers requests. The last part of the path names the function."""

    class IncomingHandler(exports.IncomingHandler):
        def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
            received = receive(request)
            name = received.path.split("/")[-1].lower()
            send(functions[name](received), response_out)

    return IncomingHandler


def receive(request: IncomingRequest) -> Request:
    path, _, query = (request.path_with_query() or "/").partition("?")
    with request.headers() as fields:
        headers = {name.lower(): value.decode("latin-1") for name, value in fields.entries()}
    body = bytearray()
    with request.consume() as incoming, incoming.stream() as stream:
        try:
            while True:
                body += stream.blocking_read(1 << 20)
        except Err:
            # The stream has ended.
            return Request(path, query, headers, bytes(body))


def send(response: Response, response_out: ResponseOutparam) -> None:
    head = OutgoingResponse(Fields.from_list([("content-type", response.media_type.encode("latin-1"))]))
    head.set_status_code(response.status)
    body = head.body()
    ResponseOutparam.set(response_out, Ok(head))
    with body.write() as stream:
        for start in range(0, len(response.body), PIECE):
            stream.blocking_write_and_flush(response.body[start : start + PIECE])
    OutgoingBody.finish(body, None)
