"""Serving an architecture to the host that started this process."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Iterator

import grpc

from . import architecture_pb2 as protocol
from . import stdout
from .errors import Invalid, code_of
from .manifest import PROTOCOL_VERSION, Manifest
from .session import Build, Session

MAX_REQUEST, MAX_REPLY = 64 << 20, 8 << 20
SERVING = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse{status: SERVING}


def serve(manifest: Manifest, build: Build) -> None:
    """Serves the architecture until the host ends it; a program's last line.

    build(view, settings) gives a torch.nn.Module, or a Network, that turns a Batch into rows × outputs(view): logits of the
    classes, or values. Every declared setting is in settings, of its type and within its range.
    """
    if not stdout.hosted():
        sys.stderr.write(
            f"{manifest.name} {manifest.version} is an architecture for tuned, which starts it when a job needs it.\n"
            f"To try it:     tuned plugins check {sys.argv[0]}\nTo install it: tuned plugins install {sys.argv[0]}\n"
        )
        raise SystemExit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the host decides
    done = threading.Event()
    server = grpc.server(
        ThreadPoolExecutor(8),
        options=[
            ("grpc.max_receive_message_length", MAX_REQUEST),
            ("grpc.max_send_message_length", MAX_REPLY),
        ],
    )
    server.add_generic_rpc_handlers(_handlers(_Server(manifest, build), done))
    directory = os.environ.get("PLUGIN_UNIX_SOCKET_DIR") or tempfile.gettempdir()
    path = os.path.join(directory, f"plugin{os.getpid()}")
    if not server.add_insecure_port("unix:" + path):
        raise SystemExit(f"cannot listen on {path}")
    server.start()
    stdout.handshake(f"1|{PROTOCOL_VERSION}|unix|{path}|grpc|")
    done.wait()
    server.stop(0.2).wait()
    os._exit(0)  # nothing is left to do, and PyTorch takes its time to end


def _handlers(service: "_Server", done: threading.Event) -> Any:
    def unary(call: Callable, request: Any, reply: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(call, request.FromString, reply.SerializeToString)

    def raw(answer: Callable[[], bytes]) -> Any:
        return grpc.unary_unary_rpc_method_handler(lambda _request, _context: answer())

    def shutdown() -> bytes:
        done.set()
        return b""

    calls = {
        "Describe": unary(service.describe, protocol.DescribeRequest, protocol.Manifest),
        "Open": unary(service.open, protocol.OpenRequest, protocol.OpenReply),
        "Run": grpc.stream_stream_rpc_method_handler(
            service.run, protocol.Ops.FromString, protocol.Results.SerializeToString
        ),
        "Save": unary(service.save, protocol.File, protocol.FileReply),
        "Load": unary(service.load, protocol.File, protocol.FileReply),
        "Export": unary(service.export, protocol.ExportRequest, protocol.FileReply),
        "Close": unary(service.close, protocol.CloseRequest, protocol.CloseReply),
    }
    services: Dict[str, Dict[str, Any]] = {
        "tuned.v1.Architecture": calls,
        "grpc.health.v1.Health": {"Check": raw(lambda: SERVING)},
        "plugin.GRPCController": {"Shutdown": raw(shutdown)},
    }
    return tuple(grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items())


class _Server:
    """The service. One thread does all the work on the session, in the order in which it is asked for."""

    def __init__(self, manifest: Manifest, build: Build):
        self.manifest, self.build = manifest, build
        self.worker = ThreadPoolExecutor(1)
        self.session: Any = None

    def describe(self, _request: Any, _context: Any) -> protocol.Manifest:
        rules = ""
        beside = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "rules.toml")
        if not self.manifest.rules and os.path.exists(beside):
            with open(beside, encoding="utf-8") as f:
                rules = f.read()
        return self.manifest.message(rules)

    def open(self, request: protocol.OpenRequest, context: Any) -> protocol.OpenReply:
        def work() -> protocol.OpenReply:
            if self.session is not None:
                raise Invalid("this process already has its session")
            session = Session(self.manifest, self.build, request)
            self.session = session
            return session.info

        return self._do(context, "open", work)

    def run(self, requests: Iterator[protocol.Ops], context: Any) -> Iterator[protocol.Results]:
        for message in requests:
            yield self.worker.submit(self._answer, message, context).result()

    def _answer(self, message: protocol.Ops, context: Any) -> protocol.Results:
        answer = protocol.Results()
        for at, op in enumerate(message.ops):
            if not context.is_active():
                break
            try:
                answer.results.append(self._opened().do(op))
            except Exception as e:
                _report(e)
                answer.failure.code = code_of(e).value[0]
                answer.failure.message = f"operation {at}: {_text(e)}"
                break
        return answer

    def save(self, request: protocol.File, context: Any) -> protocol.FileReply:
        return self._file(context, "save", request.path, lambda: self._opened().save(request.path))

    def export(self, request: protocol.ExportRequest, context: Any) -> protocol.FileReply:
        members = list(request.members)
        return self._file(context, "export", request.path, lambda: self._opened().export(request.path, members))

    def _file(self, context: Any, what: str, path: str, write: Callable) -> protocol.FileReply:
        length, sha256 = self._do(context, what, write)
        return protocol.FileReply(file=protocol.File(path=path, length=length, sha256=sha256))

    def load(self, request: protocol.File, context: Any) -> protocol.FileReply:
        self._do(context, "load", lambda: self._opened().load(request.path, request.length, request.sha256))
        return protocol.FileReply(file=request)

    def close(self, _request: Any, _context: Any) -> protocol.CloseReply:
        return protocol.CloseReply()  # the process, which the host ends next, is all that there is to free

    def _opened(self) -> Session:
        if self.session is None:
            raise Invalid("no session is open")
        return self.session

    def _do(self, context: Any, what: str, work: Callable) -> Any:
        """Has the worker do it; errors become the call's status."""
        try:
            return self.worker.submit(work).result()
        except Exception as e:
            _report(e)
            context.abort(code_of(e), f"{what}: {_text(e)}")


def _report(e: Exception) -> None:
    """Prints where an error that nobody foresaw came from: it is the author's to find."""
    if code_of(e) is grpc.StatusCode.UNKNOWN:
        traceback.print_exception(type(e), e, e.__traceback__)


def _text(e: Exception) -> str:
    """What went wrong, and of an error that nobody foresaw also where."""
    text = str(e) or type(e).__name__
    if code_of(e) is not grpc.StatusCode.UNKNOWN:
        return text
    frames = traceback.extract_tb(e.__traceback__)
    where = f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno})" if frames else ""
    return f"{type(e).__name__}: {text}{where}"
