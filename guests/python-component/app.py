"""Functions as a component that componentize-py makes. It does not know Bluecrab."""

import socket
import sys

from componentize_py_types import Err, Ok
from wit_world import exports
from wit_world.imports import outgoing_handler
from wit_world.imports.types import (
    Fields,
    IncomingRequest,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
)

PIECE = 4096
calls = 0


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        global calls
        calls += 1
        path = request.path_with_query() or "/"
        name = path.split("?")[0].split("/")[-1].split("-")[0]
        status, text = 200, b""
        match name:
            case "echo":
                text = read(request)
            case "count":
                text = str(calls).encode()
            case "ask":
                text = ask().encode()
            case "endless":
                while True:
                    pass
            case "panic":
                print("this function ends in an exception", file=sys.stderr)
                raise ValueError("an exception")
            case _:
                status = 404
        respond(response_out, status, request.headers().get("content-type"), text)


def read(request: IncomingRequest) -> bytes:
    body = bytearray()
    with request.consume() as incoming, incoming.stream() as stream:
        while True:
            try:
                body += stream.blocking_read(1 << 20)
            except Err:
                return bytes(body)


def respond(response_out: ResponseOutparam, status: int, media_type: list[bytes], text: bytes) -> None:
    response = OutgoingResponse(Fields.from_list([("content-type", value) for value in media_type]))
    response.set_status_code(status)
    body = response.body()
    ResponseOutparam.set(response_out, Ok(response))
    with body.write() as stream:
        for start in range(0, len(text), PIECE):
            stream.blocking_write_and_flush(text[start : start + PIECE])
    OutgoingBody.finish(body, None)


def ask() -> str:
    """Tries to reach another machine in two ways, and says how each was refused."""
    request = OutgoingRequest(Fields.from_list([]))
    request.set_authority("example.com")
    request.set_path_with_query("/page?secret=1")
    refusals = []
    try:
        outgoing_handler.handle(request, None)
    except Err as error:
        refusals.append(type(error.value).__name__)
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        refusals.append(type(error).__name__)
    return " ".join(refusals)
