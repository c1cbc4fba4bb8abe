"""Which hosts are intercepted: all forms in which a user may say it, brought to one."""

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import TypeAlias, TypeGuard, cast

from yarl import URL

ResolverHostOnly: TypeAlias = 'str | re.Pattern[str]'
"""A host name or an address in any case, or a regular expression that matches it fully."""

ResolverHostPort: TypeAlias = 'tuple[str | re.Pattern[str], int | None]'
"""A host with a port; None is any port."""

ResolverHostSpec: TypeAlias = 'ResolverHostOnly | ResolverHostPort'
"""One host to be intercepted."""

ResolverFilter: TypeAlias = 'ResolverHostSpec | Collection[ResolverFilter] | None'
"""Which hosts are intercepted: one of them, or any collection, nested as you like; None is no host."""

HostSpecs = list[tuple['str | re.Pattern[str]', 'int | None']]
"""The hosts to be intercepted, in one form."""


def host_specs(hosts: ResolverFilter) -> HostSpecs:
    """Bring all forms of hosts to one; an error if something is no host."""
    if hosts is None:
        return []
    if _is_host(hosts):
        return [(_spelled(hosts), None)]
    if isinstance(hosts, tuple) and len(hosts) == 2:
        host, port = hosts
        if _is_host(host) and (port is None or type(port) is int):
            return [(_spelled(host), port)]
    if isinstance(hosts, Collection) and not isinstance(hosts, (bytes, bytearray, memoryview)):
        return [pair for item in hosts for pair in host_specs(cast('ResolverFilter', item))]
    raise TypeError(
        f"{hosts!r} is no host to intercept; type 'host', ('host', port), re.compile('...'), or a list of them"
    )


def is_listed(specs: HostSpecs, host: str, port: int | None) -> bool:
    """Tell if a canonical host is listed at this port; with no port, if it is listed at any."""
    return any(fits(name, host) and (wanted is None or port is None or wanted == port) for name, wanted in specs)


def fits(name: 'str | re.Pattern[str]', host: str) -> bool:
    """Tell if a canonical host is the one that is listed."""
    if isinstance(name, str):
        return name == host
    return name.fullmatch(host) is not None


@lru_cache(maxsize=256)
def is_address(host: str) -> bool:
    """Tell if a host is an IP address."""
    try:
        ip_address(host.partition('%')[0])
    except ValueError:
        return False
    return True


def unmapped(host: str) -> str:
    """An address of IPv4 that is written as one of IPv6, as it is usual; all else as it is."""
    mapped = IPv6Address(host).ipv4_mapped if host.startswith('::ffff:') and is_address(host) else None
    return host if mapped is None else str(mapped)


def literal_addresses(specs: HostSpecs) -> tuple[str, ...]:
    """The IP addresses that are listed as such."""
    return tuple(name for name, _ in specs if isinstance(name, str) and is_address(name))


@lru_cache(maxsize=256)
def canonical(host: str) -> str:
    """The form in which aiohttp resolves hosts: lower-case, international names as ``xn--``, addresses in short."""
    bare = host.strip('[]').rstrip('.').lower()
    try:
        return URL.build(scheme='http', host=bare).raw_host or bare
    except ValueError:
        return bare


def _spelled(host: 'str | re.Pattern[str]') -> 'str | re.Pattern[str]':
    if not isinstance(host, str):
        return host
    advice = None if is_address(host.strip('[]')) else _advise(host)
    if advice is not None:
        raise ValueError(f'{host!r} is no host, and nothing would be intercepted; type {advice}')
    return canonical(host)


def _advise(host: str) -> str | None:
    """What to type instead of a name that no client ever asks for; None if it may be one."""
    bare = host.rpartition('://')[2].partition('/')[0]
    name, _, port = bare.rpartition(':') if bare.count(':') == 1 or ']:' in bare else (bare, '', '')
    if '*' in name or '?' in name:
        pattern = re.escape(name).replace(r'\*', '.*').replace(r'\?', '.')
        return f"re.compile(r'{pattern}')"
    if not name or any(mark in bare for mark in ' @,'):
        return "the name alone, as 'api.example.com'"
    if port.isdecimal():
        return f'({name!r}, {port})'
    return repr(name) if name != host else None


def _is_host(thing: object) -> 'TypeGuard[str | re.Pattern[str]]':
    text: object = getattr(thing, 'pattern', thing)
    return isinstance(text, str) and isinstance(thing, (str, re.Pattern))
