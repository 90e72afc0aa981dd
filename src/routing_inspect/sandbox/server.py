"""The endpoint itself: HTTP on this machine only, and the faults that happen on the way."""

from __future__ import annotations

import itertools
import os
import re
import socket
import struct
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import evolve, field, frozen

from routing_inspect.document import JSON
from routing_inspect.sandbox.faults import changed, error_reply
from routing_inspect.sandbox.protocol import RefusedCallError, Reply, arguments, check, route
from routing_inspect.sandbox.quotas import Buckets, Quota
from routing_inspect.sandbox.scenario import Scenario, read_scenario
from routing_inspect.sandbox.service import OPERATIONS, Call, answer

if TYPE_CHECKING:
    from types import TracebackType

_LOCAL: Final = "127.0.0.1"
_LINGER: Final = struct.Struct("hh" if os.name == "nt" else "ii")


@frozen
class Request:
    """
    One call that reached the sandbox, refused and faulted ones included.

    Attributes:
        parameters: The arguments by member name, wherever they travelled.
        at: When it came; two requests are equal whenever they came.
    """

    operation: str
    parameters: Mapping[str, JSON]
    at: datetime = field(factory=lambda: datetime.now(UTC), eq=False)


class Sandbox:
    """
    An Amazon Connect of your own, on 127.0.0.1, for the length of a ``with`` block.

    Each ``with`` starts afresh: no requests, no fault counted.
    Leaving it cuts every connection and frees the port.

    Args:
        scenario: A `Scenario`, a dict, or the path of a JSON file.
        port: 0 takes any free one; a port that is taken is an `OSError` on entering.
        quota: What each operation is allowed, in place of the scenario's own quotas.

    Raises:
        DocumentError: The scenario is none; every problem is reported at once.
    """

    def __init__(
        self,
        scenario: Scenario | Mapping[str, Any] | str | os.PathLike[str],
        *,
        port: int = 0,
        quota: Quota | None = None,
    ) -> None:
        self.scenario = scenario if isinstance(scenario, Scenario) else read_scenario(scenario)
        if quota is not None:
            self.scenario = evolve(self.scenario, quotas={"*": quota})
        self._port = port
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """What to give to a client as its endpoint."""
        return f"http://{_LOCAL}:{self._started.server_address[1]}"

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every call so far whose operation and arguments could be read, in the order they came."""
        return tuple(self._started.requests)

    @property
    def throttled(self) -> int:
        """How many calls so far were turned away because their operation's quota was used up."""
        return self._started.throttled

    def serve_forever(self) -> None:
        """Wait, inside the ``with`` block, until the user interrupts."""
        with suppress(KeyboardInterrupt):
            # In short waits, since Windows delivers an interrupt only between two.
            while not self._started.closing.wait(0.1):
                pass

    @property
    def _started(self) -> _Server:
        if self._server is None:
            raise AssertionError("a sandbox runs inside its `with` block")
        return self._server

    def __enter__(self) -> Self:
        self._server = _Server(self.scenario, self._port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.stop()
        self._thread.join()


# Not `http.server.HTTPServer`: that one asks the network for this machine's name before it serves.
class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = os.name != "nt"
    allow_reuse_port = False
    # With the default of 5, a burst of threads that connect at once waits a second for its turn.
    request_queue_size = 128

    def __init__(self, scenario: Scenario, port: int) -> None:
        super().__init__((_LOCAL, port), _Handler)
        self.scenario = scenario
        self.requests: list[Request] = []
        self.throttled = 0
        self._buckets = Buckets(scenario.quotas)
        self.closing = threading.Event()
        self.numbers = itertools.count(1)
        self._counts = [0] * len(scenario.faults)
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def fault(self, operation: str, values: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Count a call for every fault it matches, and give the first one due; an empty one where none is."""
        due: Mapping[str, JSON] = {}
        with self._lock:
            for i, fault in enumerate(self.scenario.faults):
                if fault.befalls(operation, values):
                    self._counts[i] += 1
                    due = due or (fault.action if fault.is_due(self._counts[i]) else {})
        return due

    def spend(self, operation: str) -> None:
        """Take a token of the operation's quota; a `RefusedCallError` where none is left."""
        if not self._buckets.take(operation):
            with self._lock:
                self.throttled += 1
            raise RefusedCallError("ThrottlingException", "Rate exceeded")

    def stop(self) -> None:
        """Stop listening, and end every connection, so that none is answered by a sandbox that is gone."""
        ending = threading.Thread(target=self.shutdown)
        ending.start()
        # The loop looks only now and then whether it is to end; a connection wakes it up.
        with suppress(OSError), socket.create_connection((_LOCAL, self.server_address[1]), timeout=1):
            pass
        ending.join()
        self.server_close()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        # Now that nobody can hear them, slow answers may come at once.
        self.closing.set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._lock:
            self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._connections.discard(request)
        # A shutdown says goodbye first, and then there is nothing left to reset.
        lingers, _ = _LINGER.unpack(request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.size))
        if lingers:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client may leave whenever it likes; everything else is a bug of ours and should be seen.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "routing-inspect-sandbox"
    sys_version = ""
    # Headers and body leave in one packet, at once. Otherwise each call on a kept connection
    # waits 40 ms for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        action: Mapping[str, JSON] = {}
        try:
            call = self._call(self._body())
            action = self.server.fault(call.operation.name, call.arguments)
            reply = Reply(200, answer(call))
        except RefusedCallError as error:
            reply = error_reply(error.code, error.message, error.status)
        self._send(changed(reply, action), action)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET  # noqa: N815  (the parent class looks for these)

    def log_message(self, *_: object) -> None:
        """Say nothing: what was asked is in `Sandbox.requests`."""

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0" if self.command in {"GET", "DELETE"} else "")
        if not length or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise RefusedCallError("InvalidRequestException", "expected a Content-Length, found none", 411)
        body = self.rfile.read(int(length)) if re.fullmatch("[0-9]{1,9}", length) else None
        if body is None or len(body) < int(length):
            self.close_connection = True
            raise RefusedCallError(
                "InvalidRequestException", "the body is not as long as Content-Length says", 400
            )
        return body

    def _call(self, body: bytes) -> Call:
        if "Authorization" not in self.headers:
            raise RefusedCallError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        path, _, query = self.path.partition("?")
        operation, path_values = route(self.command, path)
        if operation.name not in OPERATIONS:
            message = f"the sandbox does not serve {operation.name}; it serves {', '.join(OPERATIONS)}"
            raise RefusedCallError("NotImplementedException", message, 501)
        values = arguments(operation, path_values, query, body)
        self.server.requests.append(Request(operation.name, values))
        self.server.spend(operation.name)
        check(operation, values)
        return Call(self.server.scenario, operation, values)

    def _send(self, reply: Reply, action: Mapping[str, JSON]) -> None:
        match action:
            case {"cut": True}:
                # Told to linger for no time at all, a socket resets its connection when it closes.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER.pack(1, 0))
                self.close_connection = True
            case {"close": True}:
                self.close_connection = True
            case {"truncate": size}:
                self._send_head(reply)
                self.wfile.write(reply.body[:size])
                self.close_connection = True
            case {"trickle_seconds": seconds}:
                self._send_head(reply)
                self._trickle(reply.body, seconds)
            case _:
                # Waiting on the event, a sandbox that closes need not wait for its slow answers.
                self.server.closing.wait(action.get("delay_seconds", 0))
                self._send_head(reply)
                self.wfile.write(reply.body)

    def _send_head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("x-amzn-RequestId", f"sandbox-{next(self.server.numbers)}")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _trickle(self, body: bytes, seconds: float) -> None:
        for i in range(len(body)):
            self.wfile.write(body[i : i + 1])
            self.wfile.flush()
            self.server.closing.wait(seconds / len(body))
