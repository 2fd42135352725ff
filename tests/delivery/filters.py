"""An outside filter as an operator would write one: it checks signatures, and answers as a test wants."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Filter:
    """A filter that listens on a port of its own while it is `open`."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] | str = {"action": "publish"}
        """What it answers: an object, or "slow", "moved", "failing", "long" or "nonsense"."""
        self.asked: list[dict[str, Any]] = []
        self.forged = 0
        """How many requests had no good signature."""
        self.port = 0
        self._let_go = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/check"

    @contextmanager
    def open(self) -> Iterator["Filter"]:
        """Listens, on the port it had before if it had one."""
        this = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                this._receive(dict(self.headers.items()), body)
                status, answer = this._answered()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", this.url)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self._let_go.clear()
        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._let_go.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def _receive(self, headers: dict[str, str], body: bytes) -> None:
        given = {name.lower(): value for name, value in headers.items()}
        signed = f"{given['webhook-id']}.{given['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        is_fresh = abs(time.time() - int(given["webhook-timestamp"])) < 60
        if given["webhook-signature"] != f"v1,{expected}" or not is_fresh:
            self.forged += 1
        self.asked.append(json.loads(body))

    def _answered(self) -> tuple[int, bytes]:
        match self.answer:
            case "slow":
                # Until the test is over: nobody waits for it so long.
                self._let_go.wait(60)
                return 200, b'{"action": "publish"}'
            case "moved":
                return 302, b""
            case "failing":
                return 500, b'{"action": "publish"}'
            case "long":
                return 200, b'{"action": "publish"}' + b" " * 100_000
            case "nonsense":
                return 200, b"[1"
            case answer:
                return 200, json.dumps(answer).encode()
