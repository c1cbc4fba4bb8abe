"""Replaying the steps of a scenario against a server."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from conformance.orders import described, fill, order
from conformance.recordings import JSON, Scenario, Step, is_array, is_object
from conformance.watching import Watch
from conformance.wire import Address, Client, noted_body, noted_headers


@dataclass(frozen=True)
class Pace:
    """How long to wait where a scenario waits.

    Args:
        patient: as long as the recording did: for servers that take their time. Otherwise, no time is let pass before
            a step, and a watch that the server does not end is given up as soon as what was recorded has come and
            nothing follows.
        poll: seconds between two looks at a condition.
        give_up: seconds after which to give up a condition, at most.
        opened: seconds between the answer to a watch and the next step.
    """

    patient: bool
    poll: float
    give_up: float
    opened: float


PATIENT = Pace(patient=True, poll=0.1, give_up=float('inf'), opened=0.25)
QUICK = Pace(patient=False, poll=0.02, give_up=0.5, opened=0.05)


class Replay:
    """One run of a scenario: what was answered to each step, with all values as they came."""

    def __init__(self, scenario: Scenario, address: Address, pace: Pace) -> None:
        self._scenario = scenario
        self._address = address
        self._pace = pace
        self._client = Client(address)
        self._watches: dict[str, Watch] = {}
        self._variables: dict[str, JSON] = {
            'ns': f't-{scenario.name}'[:60],
            'scen': scenario.name,
            'mib': 'x' * 2**20,
            'mib3': 'x' * 3 * 2**20,
        }

    def run(self) -> list[dict[str, JSON]]:
        """The steps, with what they have asked and what was answered.

        A step that gets no answer at all has an ``error`` instead, and the scenario goes on.
        """
        try:
            return [self._take(step) for step in self._scenario.steps]
        finally:
            for watch in self._watches.values():
                watch.stop()
            self._client.close()

    def _take(self, step: Step) -> dict[str, JSON]:
        send = cast('dict[str, JSON]', fill(step.send, self._variables))
        taken: dict[str, JSON] = {'id': step.id, **({'setup': True} if send.get('setup') else {})}
        if self._pace.patient:
            time.sleep(send.get('sleep') or 0)
        try:
            if 'method' in send:
                self._request(step, send, taken)
            elif 'stop_watch' in send:
                watch = self._watches.pop(send['stop_watch'])
                watch.wait(send.get('settle', 0.5), self._enough(step))
                taken['response'] = watch.collect()
        except (OSError, http.client.HTTPException, LookupError) as exc:
            taken['error'] = repr(exc)
        return taken

    def _request(self, step: Step, send: Mapping[str, JSON], taken: dict[str, JSON]) -> None:
        ordered = order(send, self._address.token_of(send.get('token')))
        taken['request'] = described(ordered, send)
        if 'start_watch' in send:
            self._watches[send['start_watch']] = Watch(self._address, ordered)
            time.sleep(self._pace.opened)
        elif 'watch' in send:
            watch = Watch(self._address, ordered)
            watch.wait(send['watch'], self._enough(step))
            taken['response'] = watch.collect()
        else:
            until: Mapping[str, JSON] | None = send.get('repeat_until')
            deadline = time.monotonic() + min((until or {}).get('timeout', 5), self._pace.give_up)
            while True:
                response, raw = self._client.request(ordered)
                body = noted_body(response, raw, skip=bool(send.get('skip_body')))
                if until is None or is_met(until, response.status, body) or time.monotonic() > deadline:
                    break
                time.sleep(self._pace.poll)
            taken['response'] = {'status': response.status, 'headers': noted_headers(response), 'body': body}
            self._capture(send.get('capture') or {}, body)

    def _capture(self, wanted: Mapping[str, str], body: Mapping[str, JSON]) -> None:
        for name, path in wanted.items():
            if (value := value_at(body.get('json'), path)) is not None:
                self._variables[name] = value

    def _enough(self, step: Step) -> int | None:
        answer = step.answer or {}
        if self._pace.patient or answer.get('server_closed'):  # what comes at the end is a part of the answer
            return None
        return len(answer.get('events', ()))


def value_at(document: JSON, path: str) -> JSON:
    """The value at a path; None if there is none.

    >>> value_at({'status': {'conditions': [{'type': 'Ready'}]}}, 'status.conditions.0.type')
    'Ready'
    """
    for part in path.split('.'):
        key = part.replace('~1', '.')
        if is_array(document):
            document = document[int(key)] if key.isdigit() and int(key) < len(document) else None
        elif is_object(document):
            document = document.get(key)
        else:
            return None
    return document


def is_met(until: Mapping[str, JSON], status: int, body: Mapping[str, JSON]) -> bool:
    """True if an answer is what a step waits for."""
    if 'status' in until:
        return bool(status == until['status'])
    return bool(value_at(body.get('json'), until['path']) == until.get('equals'))
