"""What options mean: which class of handlers, and which option is whose; for `kmock.serving` and the fixture."""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from kmock_core.handlers.strictness import check_level
from kmock_core.registry import HANDLERS
from kmock_http.errors import OptionError
from kmock_http.server import Server

CAPABLE = ('k8s-emulator', 'raw')
"""The names of the default classes, the most capable first: the first of them that is installed is taken."""
OWN = ('cls', 'server_cls')
"""The options that choose the classes; all others are passed to these."""


class Choice(NamedTuple):
    """The classes, and the options of each."""

    handler: Callable[..., Any]
    handler_options: dict[str, Any]
    server: Callable[..., Any]
    server_options: dict[str, Any]


def choose(options: Mapping[str, Any], *, as_localhost: bool = False) -> Choice:
    """The classes, and the options of each; unknown options are refused.

    Args:
        options: as the user gave them.
        as_localhost: if nothing else is said, clients of aiohttp reach the mock as localhost too.
    """
    handler = find_class(options.get('cls'))
    server = options.get('server_cls', Server)
    rest = {name: value for name, value in options.items() if name not in OWN}
    _check_values(rest)
    if as_localhost and 'hostnames' not in rest and _is_of_server('hostnames', server):
        rest['hostnames'] = [('localhost', 443 if rest.get('tls') else 80)]
    server_options = {name: rest.pop(name) for name in list(rest) if _is_of_server(name, server)}
    unknown = {name: value for name, value in rest.items() if not _accepts(handler, name)}
    if unknown:
        raise OptionError(_describe_unknown(unknown, handler, server))
    return Choice(handler, rest, server, server_options)


def _check_values(options: Mapping[str, Any]) -> None:
    limit = options.get('limit')
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
        raise OptionError(f'The option limit of kmock has to be a number of requests or None, not {limit!r}')
    try:
        check_level(options.get('strict', False))
    except ValueError as exc:
        raise OptionError(f'The option strict of kmock: {exc}') from None


# ---- Classes ----


def find_class(value: object) -> Callable[..., Any]:
    """The class of handlers that is meant: the class itself, the name of an entry point, or a dotted path."""
    if value is None:
        return HANDLERS.get(find_default())
    found = _load_class(value) if isinstance(value, str) else value
    if not isinstance(found, type):
        raise OptionError(f'The option cls of kmock has to be a class, not {found!r} ({_describe_classes()})')
    absent = [name for name in ('serve', '__aenter__', '__aexit__') if not hasattr(found, name)]
    if absent:
        raise OptionError(
            f'The option cls of kmock has to be a class of handlers, not {found!r}: it has no {", ".join(absent)} '
            f'({_describe_classes()})'
        )
    return found


def find_default(names: Iterable[str] = CAPABLE) -> str:
    """The name of the most capable class that is installed; they are given with the most capable one first."""
    return next(name for name in names if name in HANDLERS)


def _load_class(name: str) -> object:
    if name in HANDLERS:
        return HANDLERS.get(name)
    first, _, rest = name.replace(':', '.').partition('.')
    if not rest or not all(part.isidentifier() for part in (first, *rest.split('.'))):
        raise OptionError(f'The option cls of kmock: no handler is named {name!r} ({_describe_classes()})')
    try:
        found: object = import_module(first)
        path = first
        for part in rest.split('.'):
            path = f'{path}.{part}'
            found = _look_into(found, part, path)
    except ModuleNotFoundError as exc:
        if exc.name != first:
            raise
        raise OptionError(f'The option cls of kmock: {name!r} can not be imported: {exc}') from None
    except AttributeError as exc:
        raise OptionError(f'The option cls of kmock: {name!r} can not be found: {exc}') from None
    return found


def _look_into(parent: object, name: str, path: str) -> object:
    try:
        return getattr(parent, name)
    except AttributeError:
        if inspect.ismodule(parent):
            try:
                return import_module(path)
            except ModuleNotFoundError as exc:
                if exc.name != path:
                    raise
        raise


def _describe_classes() -> str:
    return f"known: {', '.join(HANDLERS.names())}; any other class by its dotted path: 'package.module.Class'"


# ---- The options of classes ----


@cache
def _known_options(target: Callable[..., Any]) -> tuple[frozenset[str], bool]:
    """The keywords that a class takes, and whether it takes any others too."""
    parameters = list(inspect.signature(target).parameters.values())
    named = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return frozenset(named) - {'handler'}, any(p.kind is p.VAR_KEYWORD for p in parameters)


def _accepts(target: Callable[..., Any], name: str) -> bool:
    names, others = _known_options(target)
    return name in names or others


def _is_of_server(name: str, server: Callable[..., Any]) -> bool:
    """A subclass may pass on to the server whatever it gets."""
    names, others = _known_options(server)
    return name in names or (others and name in _known_options(Server)[0])


def describe_known(handler: Callable[..., Any], server: Callable[..., Any] = Server) -> str:
    """The options that there are."""
    listed = [_describe_options(handler), _describe_options(server)]
    return f'Known options: {", ".join(OWN)}; {"; ".join(listed)}'


def _describe_options(target: Callable[..., Any]) -> str:
    names, others = _known_options(target)
    return f'of {target.__name__}: {", ".join(sorted(names))}{" and any others" if others else ""}'


def _describe_unknown(unknown: Mapping[str, Any], handler: Callable[..., Any], server: Callable[..., Any]) -> str:
    from difflib import get_close_matches  # heavy, and only failures need it

    got = ', '.join(f'{name}={value!r}' for name, value in unknown.items())
    known: Collection[str] = {*OWN, *_known_options(handler)[0], *_known_options(server)[0]}
    alike = [word for name in unknown for word in get_close_matches(name, known, n=1)]
    advice = f' (did you mean {", ".join(alike)}?)' if alike else ''
    return f'Unknown options of kmock: {got}{advice}. {describe_known(handler, server)}'
