"""The servers that scenarios are replayed against."""

import ssl
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeAlias, cast

import kmock
from conformance.recordings import JSON, is_object
from conformance.wire import Address, decoded
from kmock_k8s.manifests.yaml import parse_yaml

CLUSTER = 'k8s-cluster'
"""The handler that promises to answer as a real server does."""

CONTROLLED = 'kcm-'
"""What the names of the scenarios begin with that were recorded with a controller manager."""

USERS: dict[str, Any] = {
    'admin-token': {'username': 'admin', 'uid': 'admin-uid', 'groups': ['system:masters']},
    'nobody-token': {'username': 'nobody', 'uid': 'nobody-uid', 'groups': []},
}
"""The users of the server that was recorded, by their tokens."""

Target: TypeAlias = Callable[[], AbstractContextManager[Address]]
"""Gives the server for one scenario."""


def served(handler: str = CLUSTER, scenario: str = '') -> Target:
    """A new server of our own for each scenario: none meets what another has left.

    Most scenarios were recorded without a controller manager, so `CLUSTER` does without its controllers there too.

    Args:
        handler: the name of the handler.
        scenario: the name of the scenario.

    Raises:
        kmock.KMockError: there is no such handler.
    """
    controlled = scenario.startswith(CONTROLLED)
    options: dict[str, Any] = {'controllers': controlled, 'tokens': USERS} if handler == CLUSTER else {}
    kmock.serving(handler, **options)

    @contextmanager
    def serve() -> Generator[Address]:
        with kmock.serving(handler, **options) as mock:
            yield Address(str(mock.url))

    return serve


def existing(address: Address) -> Target:
    """One server for all scenarios; they use namespaces and groups of their own.

    They leave them there, so a second run needs another cluster, or one that was cleaned.

    Raises:
        OSError: it does not answer.
    """
    connection = address.connect()
    try:
        connection.connect()
    except OSError as exc:
        raise ConnectionError(f'there is no server at {address.url}, or none that can be trusted: {exc}') from exc
    finally:
        connection.close()
    return lambda: nullcontext(address)


def from_kubeconfig(path: Path, nobody: str = 'nobody-token') -> Address:
    """The server of the current context of a kubeconfig.

    Raises:
        LookupError: the kubeconfig does not say all.
    """
    try:
        documents: list[JSON] = list(parse_yaml(path.read_text('utf-8')))
    except ValueError as exc:
        raise LookupError(f'{path} is no kubeconfig: {exc}') from exc
    config: JSON = documents[0] if documents else None
    if not is_object(config) or not config.get('current-context'):
        raise LookupError(f'{path} is no kubeconfig with a current-context')
    context = _entry(config, 'context', config.get('current-context'))
    cluster = _entry(config, 'cluster', context.get('cluster'))
    user = _entry(config, 'user', context.get('user'))
    if not cluster.get('server'):
        raise LookupError(f'{path} has no server for the cluster {context.get("cluster")!r}')
    try:
        authority = _content(cluster, 'certificate-authority', path.parent)
        tls = tls_context(authority, insecure=bool(cluster.get('insecure-skip-tls-verify')))
        certificate, key = (_content(user, f'client-{name}', path.parent) for name in ('certificate', 'key'))
        if certificate is not None and key is not None:
            _load_certificate(tls, certificate + '\n' + key)
    except (ValueError, OSError) as exc:
        raise LookupError(f'{path} has a certificate or a key that can not be read: {exc}') from exc
    token: str | None = user.get('token')
    if token is None and user.get('tokenFile'):
        token = (path.parent / user['tokenFile']).read_text('utf-8').strip()
    if token is None and (certificate is None or key is None):
        given = ', '.join(user) or 'nothing'
        raise LookupError(f'{path} has neither a token nor a client certificate for its user, but: {given}')
    return Address(cluster['server'], token, nobody, tls)


def tls_context(authority: str | None = None, *, insecure: bool = False) -> ssl.SSLContext:
    """For https: trusts an authority (in PEM), or anyone."""
    context = ssl.create_default_context(cadata=authority)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _entry(config: Mapping[str, JSON], kind: str, name: str | None) -> Mapping[str, JSON]:
    entries = cast('list[Mapping[str, JSON]]', config.get(f'{kind}s') or [])
    for entry in entries:
        if entry.get('name') == name:
            return cast('Mapping[str, JSON]', entry.get(kind) or {})
    known = ', '.join(str(entry.get('name')) for entry in entries)
    raise LookupError(f'no {kind} {name!r} in the kubeconfig (known: {known})')


def _content(entry: Mapping[str, JSON], name: str, folder: Path) -> str | None:
    if data := entry.get(f'{name}-data'):
        return decoded(data).decode()
    return (folder / entry[name]).read_text('utf-8') if entry.get(name) else None


def _load_certificate(context: ssl.SSLContext, pem: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, 'client.pem')
        file.touch(mode=0o600)
        file.write_text(pem, 'utf-8')
        context.load_cert_chain(file)
