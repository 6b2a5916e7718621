"""Functions as a component that componentize-py makes. It does not know Bluecrab."""

import socket
import sys

from componentize_py_types import Err
from wasi_http import Request, Response, handler
from wit_world.imports import outgoing_handler
from wit_world.imports.types import Fields, OutgoingRequest

calls = 0


def echo(request: Request) -> Response:
    return Response(request.body, media_type=request.headers.get("content-type", "application/octet-stream"))


def count(_: Request) -> Response:
    global calls
    calls += 1
    return Response(str(calls).encode())


def ask(_: Request) -> Response:
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
    return Response(" ".join(refusals).encode())


def endless(_: Request) -> Response:
    while True:
        pass


def panic(_: Request) -> Response:
    print("this function ends in an exception", file=sys.stderr)
    raise ValueError("an exception")


functions = [echo, count, ask, endless, panic]
IncomingHandler = handler({f"{function.__name__}-python-component": function for function in functions})
