"""The environment that ``nox -s isolated`` makes for this package: its wheel, what it depends on, and no sibling."""

import importlib.util
import os
import re
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

import pytest

import kmock
import kmock_core
import kmock_http

isolated = pytest.mark.skipif(
    os.environ.get('KMOCK_ISOLATED') != 'kmock-http',
    reason='this environment has other packages on purpose; run: nox -s isolated',
)


@isolated
@pytest.mark.parametrize('module', ['kmock_k8s', 'pytest_kmock', 'yaml', 'jsonpatch', 'requests'])
def test_no_sibling_is_installed_nor_what_it_needs(module: str) -> None:
    assert importlib.util.find_spec(module) is None


@isolated
def test_only_the_own_distributions_of_kmock_are_installed() -> None:
    assert sorted(d.name for d in distributions() if re.search('kmock', d.name)) == ['kmock-core', 'kmock-http']


@isolated
@pytest.mark.parametrize('module', [kmock, kmock_core, kmock_http], ids=lambda module: module.__name__)
def test_what_is_tested_is_the_wheel(module: object) -> None:
    source = Path(str(getattr(module, '__file__', '')))
    assert source.is_relative_to(sysconfig.get_path('purelib'))
    assert (source.parent / 'py.typed').exists()


def test_these_names_are_public_and_each_of_them_is_there() -> None:
    assert kmock_http.__all__ == [
        'TLS',
        'AiohttpInterceptor',
        'IssuedCert',
        'ResolvedHost',
        'ResolverFilter',
        'ResolverHostOnly',
        'ResolverHostPort',
        'ResolverHostSpec',
        'Server',
        'SocketInterceptor',
        'TrustInterceptor',
        'serving',
    ]
    for name in kmock_http.__all__:
        assert getattr(kmock, name) is getattr(kmock_http, name)
    assert kmock_http.__version__ == '0.1.0'
