"""A real HTTP server on loopback. Its answers are written byte by byte, so that each can break HTTP in its own way."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import Parser
from typing import Self

GOOD = b"date,value\n2024-01,5\n"


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    number: int  # counted from 1


Answer = Callable[["Request", socket.socket], None]


@dataclass
class Server:
    """Hands each connection to `answer` and collects the `requests`. `stopping` ends answers that hang."""

    answer: Answer
    context: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.site = f"{'https' if self.context else 'http'}://localhost:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                text = b""
                while b"\r\n\r\n" not in text:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    text += piece
                line, _, headers = text.decode("latin-1").partition("\r\n")
                request = Request(line.split(" ")[1], dict(Parser().parsestr(headers)), len(self.requests) + 1)
                self.requests.append(request)
                self.answer(request, connection)
        except OSError:
            return  # the client hung up, as many tests expect


def reply(body: bytes = GOOD, status: int = 200, length: int | None = None, **headers: str) -> Answer:
    """An answer in one piece. `length` is the announced one; underscores in header names become hyphens."""
    announced = len(body) if length is None else length

    def answer(_: Request, connection: socket.socket) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {announced}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


def raw(data: bytes) -> Answer:
    return lambda _, connection: connection.sendall(data)


def by_path(**answers: Answer) -> Answer:
    return lambda request, connection: answers[request.path.strip("/")](request, connection)


def in_turn(*answers: Answer) -> Answer:
    """The first answer for the first request, and so on; the last one for all further requests."""
    return lambda request, connection: answers[min(request.number, len(answers)) - 1](request, connection)


def drip(data: bytes, stopping: threading.Event) -> Answer:
    """An endless answer of one byte every hundredth of a second."""

    def answer(_: Request, connection: socket.socket) -> None:
        connection.sendall(data)
        while not stopping.wait(0.01):
            connection.sendall(b"x")

    return answer
