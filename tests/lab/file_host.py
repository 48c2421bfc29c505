"""A web server that files are fetched from and brought to, in the namespace of an appliance's port."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = "127.0.0.1"


class FileHost:
    """`files`: what it has and was given, by path. `/silent` is answered when the host ends, `/endless` has
    no end, `/elsewhere/X` redirects to X. `tls`: an ssl.SSLContext. Use it as a context."""

    def __init__(self, namespace, files=None, *, tls=None):
        self.files = dict(files or {})
        self.requests = []  # (method, path, headers)
        self._ended = threading.Event()
        listener = namespace.socket(kind=socket.SOCK_STREAM)
        listener.bind((ADDRESS, 0))
        listener.listen()
        self.url = f"{'https' if tls else 'http'}://{ADDRESS}:{listener.getsockname()[1]}"
        self._server = ThreadingHTTPServer((ADDRESS, 0), self._handler(), bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = tls.wrap_socket(listener, server_side=True) if tls else listener
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def _handler(self):
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.requests.append((self.command, self.path, dict(self.headers)))
                if self.path == "/silent":
                    host._ended.wait()
                elif self.path == "/endless":
                    self.endless()
                elif self.path.startswith("/elsewhere/"):
                    self.answer(302, location=self.path.removeprefix("/elsewhere/"))
                elif self.path in host.files:
                    self.answer(200, host.files[self.path])
                else:
                    self.answer(404)

            def do_PUT(self):
                host.requests.append((self.command, self.path, dict(self.headers)))
                host.files[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(201)

            def answer(self, status, body=b"", location=None):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(body)

            def endless(self):
                self.send_response(200)
                self.end_headers()
                try:
                    while not host._ended.is_set():
                        self.wfile.write(b";" * 65536)
                except OSError:
                    pass  # the client has gone, as it should

            def log_message(self, *_):
                pass

        return Handler

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
