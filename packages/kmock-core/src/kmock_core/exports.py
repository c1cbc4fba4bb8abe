"""The names of the facade: those of this package, and what the group ``kmock.exports`` adds to them."""

from types import ModuleType
from typing import Any, cast

from kmock_core.errors import DuplicatePluginError
from kmock_core.registry import EXPORTS

# Which distribution has which names: to load only what is needed, and to tell what to install.
_HOMES: dict[str, tuple[str, frozenset[str]]] = {
    'http': ('kmock-http', frozenset({
        'Server', 'TLS', 'IssuedCert', 'AiohttpInterceptor', 'ResolvedHost', 'ResolverFilter', 'ResolverHostOnly',
        'ResolverHostPort', 'ResolverHostSpec', 'SocketInterceptor', 'TrustInterceptor', 'serving',
    })),
    'k8s': ('kmock-k8s', frozenset({
        'KubernetesScaffold', 'KubernetesEmulator', 'KubernetesCluster', 'KubernetesError', 'KubernetesNotFoundError',
        'KubernetesEndpointNotFoundError', 'KubernetesResourceNotFoundError', 'KubernetesObjectNotFoundError',
        'KubernetesObjectConflictError', 'KubernetesBadRequestError', 'KubernetesExpiredError',
        'KubernetesInvalidError', 'KubernetesMediaTypeError', 'KubernetesMethodNotAllowedError', 'K8sCriteria',
        'action', 'resource', 'subresource', 'name', 'namespace', 'Selectable', 'ResourceInfo', 'ResourceDict',
        'ResourceKey', 'ResourcesArray', 'Object', 'ObjectVersion', 'ObjectHistory', 'ObjectsArray', 'ObjectKey',
        'VersionKey', 'HistoryKey', 'LIST', 'WATCH', 'FETCH', 'CREATE', 'UPDATE', 'DELETE', 'KubernetesRequest',
    })),
}  # fmt: skip

_found: dict[str, Any] = {}


def lookup(name: str) -> Any:
    """The value of a name of the facade; an AttributeError tells what to install, or which names are alike."""
    if name.startswith('__') and name.endswith('__'):
        raise AttributeError(name)
    if name not in _found:
        _found[name] = _find(name)
    return _found[name]


def known_names() -> list[str]:
    """All names of the facade, as installed."""
    return sorted({name for module in _modules().values() for name in _names(module)})


def forget() -> None:
    """Forget what was looked up."""
    _found.clear()


def _find(name: str) -> Any:
    for home, (distribution, names) in _HOMES.items():
        if name in names:
            if home not in EXPORTS:
                raise AttributeError(f'kmock.{name} comes with {distribution}: pip install {distribution}')
            module = EXPORTS.get(home)
            if name in _names(module):
                return getattr(module, name)
            raise AttributeError(f'kmock.{name} is not in the installed version of {distribution}')
    for module in _modules().values():
        if name in _names(module):
            return getattr(module, name)
    raise AttributeError(f"module 'kmock' has no attribute {name!r}{_advice(name)}")


def _advice(name: str) -> str:
    import difflib

    alike = difflib.get_close_matches(name, known_names(), n=3)
    return f'; did you mean: {", ".join(alike)}?' if alike else ''


def _names(module: ModuleType) -> list[str]:
    return cast('list[str]', module.__all__)


def _modules() -> dict[str, ModuleType]:
    modules: dict[str, ModuleType] = {name: EXPORTS.get(name) for name in EXPORTS.names()}
    owners: dict[str, str] = {}
    for entry, module in modules.items():
        for name in _names(module):
            if name == '__version__':
                continue
            if name in owners:
                first, second = (EXPORTS.points()[e][1] for e in (owners[name], entry))
                raise DuplicatePluginError(
                    f'kmock.{name} is exported twice: by {first} and by {second}; uninstall one of the two',
                    group=EXPORTS.name,
                    name=name,
                )
            owners[name] = entry
    return modules
