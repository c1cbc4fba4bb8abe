"""Placeholders for what differs from run to run: the same for the same value, all over a scenario.

Versions are numbered by their age, so ``<rv:1>`` is older than ``<rv:2>``, and timestamps too; the others by where they
appear first. Those who take part in nothing but the preparation of a scenario have no numbers for their versions:
how many there are depends on the weather.
"""

import re
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import cast

from conformance.recordings import JSON, is_array, is_object

UID = re.compile(r'\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b')
TIME = re.compile(r'\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)\b')
EVENT = re.compile(r'\b([a-z0-9][-a-z0-9]*)\.[0-9a-f]{16}\b')
"""The name of an event of a component: of the object, and of the moment."""

VERSIONS = (
    re.compile(r'(?<=too old resource version: )(\d+) \((\d+)(?=\))'),
    re.compile(r'(?<=ResourceVersion in precondition: )(\d+), ResourceVersion in object meta: (\d+)'),
    re.compile(
        r'(?<=ResourceVersion in the precondition \()(\d+)\) does not match the ResourceVersion in record \((\d+)'
    ),
    re.compile(r'(?<=Too large resource version: )(\d+), current: (\d+)'),
    re.compile(r'resourceVersion\\*"?: ?\\*"(\d+)'),
    re.compile(r'(?:[?&]|^)resourceVersion=(\d+)'),
)
"""Where texts have versions: in messages, in documents inside of documents, in queries."""

BASE = 58
"""Generated names have at most so many characters of what they are generated from."""

SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])'
LONG = 20_000
"""Characters; of longer texts, only the length is kept."""

AGES = ('age', 'first seen', 'last seen')


def with_placeholders(steps: Iterable[Mapping[str, JSON]], literals: str) -> list[dict[str, JSON]]:
    """The steps of one run in terms that another run has too.

    Args:
        steps: as `conformance.replay.Replay` gives them.
        literals: the text of the scenario; what is written there is the same in each run.
    """
    steps = list(steps)
    found = Found(literals)
    for step in steps:
        if not step.get('setup'):
            found.look(step)
    numbered = set(found.versions)
    for step in steps:
        if step.get('setup'):
            found.look(step)
    return cast('list[dict[str, JSON]]', Naming(found, numbered).of(steps))


class Found:
    """The values that differ from run to run, in the order in which they appear."""

    def __init__(self, literals: str) -> None:
        self._literals = {*UID.findall(literals), *TIME.findall(literals)}
        self.versions: set[int] = set()
        self.times: set[str] = set()
        self.uids: dict[str, int] = {}
        self.tokens: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.bases: set[str] = set()

    def look(self, value: JSON, key: str = '') -> None:
        """Look for them in a value, which was under a key."""
        if is_object(value):
            self._look_for_generated(value.get('generateName'), value.get('name'))
            for name, item in value.items():
                self.look(item, name)
        elif is_array(value):
            for item in value:
                self.look(item, key)
        elif isinstance(value, str):
            self._look_into(value, key)

    def _look_for_generated(self, base: JSON, name: JSON) -> None:
        if not isinstance(base, str) or not base:
            return
        if not name:
            self.bases.add(base)
        elif isinstance(name, str) and name.startswith(base[:BASE]) and name != base:
            self.names.setdefault(name, f'{base[:BASE]}<rand:{len(self.names) + 1}>')

    def _look_into(self, text: str, key: str) -> None:
        if key == 'resourceVersion' and text.isdigit():
            self.versions.add(int(text))
        if key == 'continue' and text:
            self.tokens.setdefault(text, len(self.tokens) + 1)
        for pattern in VERSIONS:
            self.versions.update(int(version) for found in pattern.finditer(text) for version in found.groups())
        self.versions.discard(0)  # it means "any"
        for uid in UID.findall(text):
            if uid not in self._literals:
                self.uids.setdefault(uid, len(self.uids) + 1)
        self.times.update(set(TIME.findall(text)) - self._literals)


class Naming:
    """Puts the placeholders where the values were."""

    def __init__(self, found: Found, numbered: set[int]) -> None:
        versions = dict.fromkeys(map(str, found.versions), '<rv:setup>')
        self._versions = versions | _numbered('rv', [str(version) for version in sorted(numbered)])
        self._times = _numbered('ts', sorted(found.times))
        self._uids = _numbered('uid', found.uids)
        tokens = _numbered('continue', found.tokens)
        quoted = {urllib.parse.quote(token, safe=''): name for token, name in tokens.items()}
        # The longest first: one may be the beginning of another.
        self._tokens = sorted({**tokens, **quoted}.items(), key=lambda item: len(item[0]), reverse=True)
        self._names = found.names
        self._bases = {base[:BASE]: re.compile(re.escape(base[:BASE]) + SUFFIX) for base in found.bases}
        self._columns: list[str] = []

    def of(self, value: JSON, key: str = '') -> JSON:
        """The value with placeholders."""
        if is_object(value):
            named = {self._text(name): self.of(item, name) for name, item in value.items()}
            if value.get('kind') == 'Table' and is_array(value.get('rows')):
                self._hide_ages(named)
            return named
        if is_array(value):
            return [self.of(item, key) for item in value]
        return self._text(value, key) if isinstance(value, str) else value

    def _text(self, text: str, key: str = '') -> str:
        if key == 'resourceVersion' and text in self._versions:
            return self._versions[text]
        for token, name in self._tokens:
            text = text.replace(token, name)
        for pattern in VERSIONS:
            text = pattern.sub(self._with_versions, text)
        text = EVENT.sub(r'\1.<hex>', text)
        text = UID.sub(lambda found: self._uids.get(found[0], found[0]), text)
        text = TIME.sub(lambda found: self._times.get(found[0], found[0]), text)
        for generated, name in self._names.items():
            text = text.replace(generated, name)
        for base, pattern in self._bases.items():
            text = pattern.sub(f'{base}<rand>'.replace('\\', r'\\'), text)
        return text if len(text) < LONG else f'<string of {len(text)}>'

    def _with_versions(self, found: re.Match[str]) -> str:
        text = found[0]
        for group in range(len(found.groups()), 0, -1):  # from the end, so that the places before it stay
            begin, end = (place - found.start() for place in found.span(group))
            text = text[:begin] + self._versions.get(found[group], found[group]) + text[end:]
        return text

    def _hide_ages(self, table: dict[str, JSON]) -> None:
        # In a watch, only the first table has columns.
        columns = [str(column.get('name', '')).lower() for column in table.get('columnDefinitions') or ()]
        self._columns = columns or self._columns
        for row in table['rows']:
            cells = list(row.get('cells') or ())
            ages = [i for i, column in enumerate(self._columns) if column in AGES and i < len(cells)]
            row['cells'] = ['<age>' if i in ages else cell for i, cell in enumerate(cells)]


def _numbered(kind: str, values: Iterable[str]) -> dict[str, str]:
    return {value: f'<{kind}:{i}>' for i, value in enumerate(values, 1)}
