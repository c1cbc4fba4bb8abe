"""What the options of a test mean: which class of handlers, and which of the options are whose.

All complaints are `pytest.UsageError`: what was got, and what there is instead. The fixtures show them to the user.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pytest

from kmock_core.handlers.strictness import read_level
from kmock_http import choosing
from kmock_http.choosing import Choice
from kmock_http.errors import OptionError

T = TypeVar('T')

# ---- Options ----


def configured_options(item: pytest.Item) -> dict[str, Any]:
    """The options of a test: those of its marks, the closest first, then those of the ini file."""
    options = ini_options(item.config)
    for mark in reversed(list(item.iter_markers('kmock'))):
        refuse_positional('@pytest.mark.kmock', mark.args, options)
        options.update(mark.kwargs)
    return options


def ini_options(config: pytest.Config) -> dict[str, Any]:
    """The options of the ini file."""
    options: dict[str, Any] = {}
    for name in ('cls', 'limit', 'strict'):
        value = _read_ini(config, f'kmock_{name}')
        if value not in (None, ''):
            options[name] = value
    if isinstance(options.get('strict'), str):
        try:
            options['strict'] = read_level(options['strict'])
        except ValueError as exc:
            raise pytest.UsageError(
                f'The option kmock_strict of {config.inipath or "this run"} is wrong: {exc}'
            ) from None
    return options


def refuse_positional(taker: str, args: Sequence[object], options: Mapping[str, Any]) -> None:
    """Complain about options without names."""
    if args:
        got = ', '.join(map(repr, args))
        known = _translated(lambda: choosing.describe_known(choosing.find_class(options.get('cls'))))
        raise pytest.UsageError(f'{taker} takes keywords only, got {got}. {known}')


def _read_ini(config: pytest.Config, name: str) -> Any:
    try:
        return config.getini(name)
    except (TypeError, ValueError, pytest.UsageError) as exc:
        raise pytest.UsageError(f'The option {name} of {config.inipath or "this run"} is wrong: {exc}') from None


def choose(options: Mapping[str, Any], *, as_localhost: bool = True) -> Choice:
    """The classes, and the options of each; unknown options are refused.

    Args:
        options: as the user gave them.
        as_localhost: if nothing else is said, clients of aiohttp reach the mock as localhost too.
    """
    if not isinstance(options, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # users override the fixture
        raise pytest.UsageError(f'The fixture kmock_options has to give a dict of options, not {options!r}')
    return _translated(lambda: choosing.choose(options, as_localhost=as_localhost))


def _translated(do: Callable[[], T]) -> T:
    try:
        return do()
    except OptionError as exc:
        raise pytest.UsageError(str(exc)) from None
