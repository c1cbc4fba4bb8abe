"""A server that answers as recorded, to try the replaying of scenarios without a server of the Kubernetes API."""

import base64
import http.server
import json
import re
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from conformance.placeholders import Found
from conformance.recordings import JSON, Scenario, is_array, is_object
from conformance.replay import is_met
from conformance.wire import VALUED, Address

ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
OLD = 1000
"""Versions in requests are either older than any real one, or in a far future."""

PLACEHOLDER = re.compile(r'<(uid|rv|ts|continue|rand|string of|hex|age)[: ]?(\w*)>')


class Playback:
    """What was answered to a scenario, with values in place of the placeholders.

    Args:
        scenario: what is played.
        alter: changes the answer to a step; None hangs up instead.
        run: the number of the run; each has values of its own.
    """

    def __init__(
        self, scenario: Scenario, alter: Callable[[str, JSON], JSON] = lambda _, answer: answer, run: int = 1
    ) -> None:
        self._alter = alter
        self._run = run
        literals = Found('')
        literals.look([step.send for step in scenario.steps])
        self._old = sorted(version for version in literals.versions if version < OLD)
        answers: list[tuple[str, JSON, JSON]] = []
        collected = {step.send['stop_watch']: step for step in scenario.steps if 'stop_watch' in step.send}
        for step in scenario.steps:
            if 'method' in step.send:
                source = collected[step.send['start_watch']] if 'start_watch' in step.send else step
                answers.append((source.id, source.answer, step.send.get('repeat_until')))
        self._answers = iter(answers)
        self._current: tuple[str, JSON] | None = None
        self._lock = threading.Lock()

    def answer(self, request: str) -> JSON:
        """The answer to the next request; the same again while it is polled in vain."""
        with self._lock:
            if self._current is None or self._current[0] != request:
                step, answer, until = next(self._answers)
                answer = self._alter(step, self._with_values(answer))
                repeated = until is not None and not is_met(until, answer['status'], answer['body'])
                self._current = (request, answer) if repeated else None
                return answer
            return self._current[1]

    def _with_values(self, value: JSON) -> JSON:
        if is_object(value):
            return {PLACEHOLDER.sub(self._value, key): self._with_values(item) for key, item in value.items()}
        if is_array(value):
            return [self._with_values(item) for item in value]
        return PLACEHOLDER.sub(self._value, value) if isinstance(value, str) else value

    def _value(self, found: re.Match[str]) -> str:
        kind, number = found[1], int(found[2]) if found[2].isdigit() else 0
        match kind:
            case 'uid':
                return f'{self._run:08x}-0000-4000-8000-{number:012x}'
            case 'rv':
                versions = [OLD, *self._old]
                return str(versions[number] if number < len(versions) else self._run * 100_000 + number)
            case 'ts':
                return f'{2000 + self._run}-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z'
            case 'continue':
                return base64.b64encode(b'{"run":%d,"page":%d}' % (self._run, number)).decode()
            case 'rand':
                first, second = divmod(number, len(ALPHABET))
                return f'{ALPHABET[self._run]}bc{ALPHABET[first]}{ALPHABET[second]}'
            case 'hex':
                return f'{self._run:016x}'
            case 'age':
                return f'{self._run}s'
            case _:
                return 'x' * number


@contextmanager
def playing(playback: Playback) -> Generator[Address]:
    """Serve it from a thread, to one client with one connection besides its watches."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        wbufsize = -1  # else the body waits until the client has confirmed the headers

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith('do_'):
                return self._answer
            raise AttributeError(name)

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get('Content-Length') or 0))
            answer = playback.answer(f'{self.command} {self.path}')
            if answer is None:
                self.close_connection = True
                return
            self.send_response_only(answer['status'])
            for name in VALUED:
                values: JSON = answer['headers'].get(name) or []
                for value in [values] if isinstance(values, str) else values:
                    self.send_header(name, value)
            if 'events' in answer:
                self.send_header('Transfer-Encoding', 'chunked')
                lines = [json.dumps(event).encode() + b'\n' for event in answer['events']]
                body = b''.join(b'%x\r\n%s\r\n' % (len(line), line) for line in lines) + b'0\r\n\r\n'
            else:
                body = _bytes(answer['body'])
                self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Address(f'http://127.0.0.1:{server.server_port}')
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _bytes(body: Mapping[str, JSON]) -> bytes:
    if 'json' in body:
        return json.dumps(body['json'], indent=2 if body.get('indented') else None).encode()
    if 'base64' in body:
        return base64.b64decode(body['base64'])
    return cast('str', body.get('text', '' if 'empty' in body or body.get('length_is_zero') else 'x')).encode()
