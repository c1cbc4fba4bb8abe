"""How far an answer agrees with the recorded one."""

import enum
import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from conformance.recordings import JSON, is_array, is_object

HEADERS = ('Content-Type', 'Warning', 'Location', 'Allow', 'Retry-After')
"""Those that clients read."""

TIME = re.compile(r'<ts:\d+>')
ADDRESS = re.compile(r'\b10\.\d+\.\d+\.\d+\b')
"""An address in the cluster, which is allocated at random."""

ABSENT = 'absent'


class Level(enum.IntEnum):
    """What agrees; each level includes those before it."""

    NONE = 0
    STATUS = 1
    """The HTTP status; of watches also how many events there were, and of which types."""
    BODY = 2
    """The body, or the events; without the managers of fields."""
    FULL = 3
    """The managers of fields, and the headers that clients read."""


LEVELS = (Level.STATUS, Level.BODY, Level.FULL)


class Difference(NamedTuple):
    """One place where two answers differ."""

    path: str
    recorded: JSON
    got: JSON

    def __str__(self) -> str:
        return f'{self.path or "."}: recorded {_short(self.recorded)}, got {_short(self.got)}'


def agreement(recorded: Mapping[str, JSON], got: Mapping[str, JSON] | None) -> Level:
    """The highest level at which an answer agrees with the recorded one; None is no answer."""
    reached = Level.NONE
    for level in LEVELS:
        if got is None or view(recorded, level) != view(got, level):
            break
        reached = level
    return reached


def view(answer: Mapping[str, JSON], level: Level) -> JSON:
    """What a level looks at."""
    events: list[JSON] | None = answer.get('events')
    seen: dict[str, JSON] = {'status': answer.get('status')}
    if events is not None:
        seen['types'] = [event.get('type') for event in events if is_object(event)]
    if level >= Level.BODY:
        content = {name: answer[name] for name in ('body', 'events') if name in answer}
        seen |= _comparable(content, managers=level >= Level.FULL)
    if level >= Level.FULL:
        headers: Mapping[str, JSON] = answer.get('headers') or {}
        seen['headers'] = {name: _comparable(headers.get(name), managers=True) for name in HEADERS}
    return seen


def differences(recorded: JSON, got: JSON, path: str = '') -> Iterator[Difference]:
    """The places where two values differ, as deep as they are alike."""
    if is_object(recorded) and is_object(got):
        for key in sorted({*recorded, *got}):
            if key in recorded and key in got:
                yield from differences(recorded[key], got[key], f'{path}.{key}')
            else:
                yield Difference(f'{path}.{key}', recorded.get(key, ABSENT), got.get(key, ABSENT))
    elif is_array(recorded) and is_array(got) and len(recorded) == len(got):
        for i, (one, other) in enumerate(zip(recorded, got, strict=True)):
            yield from differences(one, other, f'{path}[{i}]')
    elif recorded != got:
        yield Difference(path, recorded, got)


def _comparable(value: JSON, *, managers: bool) -> JSON:
    """The value without what says nothing.

    The numbers of timestamps are left out, since those of a real server tie by the second; and the order of several
    causes, which is random there, with the message that is made of them.
    """
    if is_object(value):
        names = [name for name in value if managers or name != 'managedFields']
        kept = {name: _comparable(value[name], managers=managers) for name in names}
        details = kept.get('details')
        causes = details.get('causes') if is_object(details) else None
        if is_array(causes) and len(causes) > 1:
            causes.sort(key=lambda cause: json.dumps(cause, sort_keys=True))
            kept.pop('message', None)
        return kept
    if is_array(value):
        return [_comparable(item, managers=managers) for item in value]
    return ADDRESS.sub('<ip>', TIME.sub('<ts>', value)) if isinstance(value, str) else value


def _short(value: JSON) -> str:
    text = value if value is ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f'{text[:160]}…'
