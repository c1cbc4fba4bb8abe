"""Figures and their limits: the table and the JSON."""

import json
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured value, with the limit it has to keep, if there is one."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def kept(self) -> bool:
        """True if the limit is kept."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def limit(self) -> str:
        """The limit in words."""
        if self.at_most is not None:
            return f'≤ {self.at_most:g}'
        return '' if self.at_least is None else f'≥ {self.at_least:g}'


def table(figures: list[Figure]) -> str:
    """All figures in lines of text."""
    width = max(len(figure.name) for figure in figures)
    return '\n'.join(
        f'{figure.name:<{width}}  {figure.value:>12,.3f}  {figure.limit:<8} {"" if figure.kept else "MISSED"}'.rstrip()
        for figure in figures
    )


def as_json(figures: list[Figure]) -> str:
    """All figures in JSON."""
    return json.dumps([{**figure._asdict(), 'kept': figure.kept} for figure in figures], indent=2, ensure_ascii=False)
