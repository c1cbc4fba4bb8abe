"""The header ``Accept`` as the API server reads it (its parser is ``goautoneg``): mistakes are passed over."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Clause(NamedTuple):
    """One range of media types that is accepted, with its parameters."""

    type: str
    subtype: str
    quality: float
    parameters: Mapping[str, str]

    def covers(self, media: str) -> bool:
        """Tell if a media type is one of these."""
        type, _, subtype = media.partition('/')
        if self.type == '*':
            return self.subtype == '*'
        return self.type == type and self.subtype in (subtype, '*')


def parse_accept(header: str) -> list[Clause]:
    """What is accepted, the most wanted first: by quality; of the same quality, ranges come after what is exact."""
    found: list[Clause] = []
    for clause in _read(header):
        # The order is that of a sort with a comparison that contradicts itself in places: the same steps are done.
        place = len(found)
        while place and _precedes(clause, found[place - 1]):
            place -= 1
        found.insert(place, clause)
    return found


def _precedes(one: Clause, other: Clause) -> bool:
    if one.quality > other.quality:
        return True
    return (one.type != '*' and other.type == '*') or (one.subtype != '*' and other.subtype == '*')


def _read(header: str) -> Iterator[Clause]:
    for item in header.split(','):
        media, _, rest = item.strip(' ').partition(';')
        type, _, subtype = media.partition('/')
        type = type.strip(' ')
        if not subtype:
            if type != '*':
                continue
            subtype = '*'
        elif '/' in subtype:
            subtype, _, more = subtype.partition('/')
            if more:
                continue
        quality, parameters = 1.0, dict[str, str]()
        for pair in rest.split(';'):
            name, _, value = pair.partition('=')
            if not value or '=' in value.removesuffix('='):
                continue
            value = value.removesuffix('=')
            if name.strip(' ') == 'q':
                quality = float(value) if _is_number(value) else 0.0
            else:
                parameters[name.strip(' ')] = value.strip(' ')
        yield Clause(type, subtype.strip(' '), quality, parameters)


_is_number = re.compile(r'[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?', re.ASCII).fullmatch
