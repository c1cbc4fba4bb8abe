"""The facade ``import kmock``: its names, what it loads, and what it says of the names that are not there."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import kmock
import kmock_core
from kmock_core import RawHandler, exports, registry
from kmock_core.errors import DuplicatePluginError, PluginError

FACADE: Any = kmock
HANDLER: Any = RawHandler()

HTTP_NAMES = (
    'Server', 'TLS', 'IssuedCert', 'AiohttpInterceptor', 'ResolvedHost', 'ResolverFilter', 'ResolverHostOnly',
    'ResolverHostPort', 'ResolverHostSpec', 'SocketInterceptor', 'TrustInterceptor',
)  # fmt: skip
K8S_NAMES = (
    'KubernetesScaffold', 'KubernetesEmulator', 'KubernetesCluster', 'KubernetesError', 'KubernetesNotFoundError',
    'KubernetesEndpointNotFoundError', 'KubernetesResourceNotFoundError', 'KubernetesObjectNotFoundError',
    'KubernetesObjectConflictError', 'K8sCriteria', 'action', 'resource', 'subresource', 'name', 'namespace',
    'Selectable', 'ResourceInfo', 'ResourceDict', 'ResourceKey', 'ResourcesArray', 'Object', 'ObjectVersion',
    'ObjectHistory', 'ObjectsArray', 'ObjectKey', 'VersionKey', 'HistoryKey', 'LIST', 'WATCH', 'FETCH', 'CREATE',
    'UPDATE', 'DELETE',
)  # fmt: skip


def test_verbs_of_the_client_are_not_shadowed_by_the_names_of_the_facade() -> None:
    handler: Any = RawHandler()
    assert callable(handler.delete)
    assert callable(handler.options)
    assert handler.method.DELETE == 'DELETE'


@pytest.mark.parametrize(
    ('name', 'distribution'),
    [(name, 'kmock-http') for name in HTTP_NAMES] + [(name, 'kmock-k8s') for name in K8S_NAMES],
)
@pytest.mark.parametrize('owner', [FACADE, HANDLER], ids=['module', 'handler'])
def test_a_name_of_an_absent_distribution_tells_what_to_install(
    owner: Any, name: str, distribution: str, alone: None
) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(owner, name)
    assert str(caught.value) == f'kmock.{name} comes with {distribution}: pip install {distribution}'
    assert not hasattr(owner, name)


@pytest.mark.parametrize(
    ('name', 'message'),
    [
        ('RawHandlr', "module 'kmock' has no attribute 'RawHandlr'; did you mean: RawHandler?"),
        ('requests', "module 'kmock' has no attribute 'requests'; did you mean: Request?"),
        ('zzz', "module 'kmock' has no attribute 'zzz'"),
    ],
)
def test_an_unknown_name_is_an_honest_error(name: str, message: str, alone: None) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(kmock, name)
    assert str(caught.value) == message


@pytest.mark.parametrize('name', ['__wrapped__', '__path__x__', '__nothing__'])
def test_special_names_load_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, 'load', None)
    with pytest.raises(AttributeError, match=name):
        getattr(kmock, name)


def test_private_names_of_a_handler_are_its_own() -> None:
    with pytest.raises(AttributeError, match="'RawHandler' object has no attribute '_nothing'"):
        HANDLER._nothing


def test_unknown_names_of_a_handler_are_errors_too(alone: None) -> None:
    with pytest.raises(AttributeError, match='zzz'):
        HANDLER.zzz


def test_the_names_of_another_distribution_appear_when_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_distribution(tmp_path, 'facade_a', '__all__ = ["Fancy", "__version__"]\nclass Fancy: pass\n__version__ = "7"')
    monkeypatch.syspath_prepend(tmp_path)  # pyright: ignore[reportUnknownMemberType]
    forget()
    try:
        module: Any = kmock
        assert module.Fancy is sys.modules['facade_a'].Fancy
        assert module.Fancy is module.Fancy is HANDLER.Fancy
        assert 'Fancy' in dir(kmock)
        assert module.__version__ == kmock_core.__version__
    finally:
        sys.modules.pop('facade_a', None)
        monkeypatch.undo()
        forget()


def test_one_name_of_two_distributions_is_an_error_that_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_distribution(tmp_path, 'facade_a', '__all__ = ["Fancy"]\nFancy = 1')
    write_distribution(tmp_path, 'facade_b', '__all__ = ["Fancy"]\nFancy = 2')
    monkeypatch.syspath_prepend(tmp_path)  # pyright: ignore[reportUnknownMemberType]
    forget()
    try:
        with pytest.raises(DuplicatePluginError, match=r'kmock.Fancy is exported twice: by facade-. and by facade-.'):
            FACADE.Fancy
    finally:
        for name in ('facade_a', 'facade_b'):
            sys.modules.pop(name, None)
        monkeypatch.undo()
        forget()


def test_a_distribution_without_a_promised_name_is_told_from_an_absent_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    (tmp_path / 'old_http.py').write_text('__all__ = []', 'utf-8')
    monkeypatch.syspath_prepend(tmp_path)  # pyright: ignore[reportUnknownMemberType]
    monkeypatch.setitem(registry.EXPORTS.builtins, 'http', 'old_http')
    with pytest.raises(AttributeError, match=r'kmock\.Server is not in the installed version of kmock-http'):
        FACADE.Server
    sys.modules.pop('old_http', None)


def test_a_broken_distribution_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch, alone: None) -> None:
    monkeypatch.setitem(registry.EXPORTS.builtins, 'http', 'no_such_module_at_all')
    with pytest.raises(PluginError, match="exports 'http' of kmock-core is broken: no_such_module_at_all failed"):
        FACADE.Server


def write_distribution(site: Path, module: str, source: str) -> None:
    info = site / f'{module}-1.0.dist-info'
    info.mkdir()
    name = module.replace('_', '-')
    (info / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n', 'utf-8')
    (info / 'entry_points.txt').write_text(f'[kmock.exports]\n{module} = {module}\n', 'utf-8')
    (site / f'{module}.py').write_text(source, 'utf-8')


def forget() -> None:
    registry.forget()
    exports.forget()


# ---- What an import costs. ----


def loaded_by(code: str) -> list[str]:
    """The modules that a piece of code loads into a fresh interpreter."""
    script = f'before = set(sys.modules); {code}; print(json.dumps(sorted(set(sys.modules) - before)))'
    done = subprocess.run(
        [sys.executable, '-c', f'import sys, json; {script}'], capture_output=True, text=True, check=True
    )
    return [str(name) for name in json.loads(done.stdout)]


@pytest.mark.parametrize(
    'code', ['import kmock; kmock.RawHandler()["get /x?a=1"] << {"a": 1} << 200', 'from kmock import *']
)
def test_the_dsl_of_http_loads_no_sibling_and_reads_no_metadata(code: str) -> None:
    modules = loaded_by(code)
    roots = {name.partition('.')[0] for name in modules}
    assert not roots & {'aiohttp', 'yaml', 'jsonpatch', 'kmock_http', 'kmock_k8s', 'pytest', 'pytest_kmock'}
    assert 'importlib.metadata' not in modules
    assert {'kmock', 'kmock_core'} <= roots
