"""Which handler ``kmock serve`` serves: the class, and whether it can do what the options ask for."""

import sys
from argparse import Namespace
from inspect import signature
from typing import Any

from kmock_core.errors import BrokenPluginError
from kmock_core.registry import HANDLERS
from kmock_http.choosing import CAPABLE, find_class, find_default
from kmock_http.commands.refusing import RefusedError
from kmock_http.errors import OptionError

NEEDED = {
    'load': 'load_path',
    'resources': 'load_resources',
    'kubeconfig': 'write_kubeconfig',
    'tokens': 'read_tokens',
}
"""The options that not all handlers can do, with the methods that they are done by: see `kmock_core.spi`."""

TAKEN = ('tokens', 'authorization', 'namespaces')
"""The options that are arguments of handlers."""


SERVED = ('k8s-cluster', *CAPABLE)
"""The names of the default classes: programs that are no tests expect a server that is as real as can be."""


def pick_class(args: Namespace) -> tuple[str, Any]:
    """The name of the handler and its class; refused if it can't do what the options ask for."""
    name: str = args.handler or find_default(SERVED)
    if name not in HANDLERS:
        sys.path.insert(0, '')  # a class of the user's own is where they are
    try:
        cls: Any = find_class(name)
    except OptionError as exc:
        raise RefusedError(f'--handler{str(exc).removeprefix("The option cls of kmock")}') from exc
    for option in dict.fromkeys((*NEEDED, *TAKEN)):
        if getattr(args, option) and not _can(cls, option):
            raise RefusedError(f'--{option} is not for the handler {name!r} ({_describe_able(option)})')
    return name, cls


def _can(cls: Any, option: str) -> bool:
    has_method = option not in NEEDED or hasattr(cls, NEEDED[option])
    return has_method and (option not in TAKEN or _takes(cls, option))


def _takes(cls: Any, argument: str) -> bool:
    parameters = signature(cls).parameters.values()
    return any(one.name == argument or one.kind is one.VAR_KEYWORD for one in parameters)


def _describe_able(option: str) -> str:
    able = ', '.join(name for name in HANDLERS.names() if _is_able(name, option))
    return f'these can: --handler {able}' if able else 'those that can come with kmock-k8s: pip install kmock-k8s'


def _is_able(name: str, option: str) -> bool:
    try:
        return _can(HANDLERS.get(name), option)
    except BrokenPluginError:
        return False
