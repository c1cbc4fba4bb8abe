"""What may be typed as ``tls=``, and what is said of all else."""

import os
import ssl
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from kmock_core import KMockError, RawHandler
from kmock_core.errors import MissingExtraError
from kmock_http import TLS, Server, authority
from kmock_http.contexts import server_context
from kmock_http.errors import NoTLSError

NOTHING: Any = object()


def server_side() -> ssl.SSLContext:
    return ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)


def run(code: str) -> str:
    return subprocess.run([sys.executable, '-c', code], check=True, capture_output=True, text=True).stdout.strip()


# ---- The option. ----


@pytest.mark.parametrize('option', [None, False])
def test_without_the_option_a_server_has_no_certificates(option: Any) -> None:
    server = Server(RawHandler(), tls=option)
    with pytest.raises(NoTLSError, match=r'add tls=True: kmock\.Server\(handler, tls=True\)'):
        server.ca_path
    with pytest.raises(NoTLSError, match='tls=True'):
        server.ssl_context
    with pytest.raises(NoTLSError, match='tls=True'):
        server.issue_cert('alice')


@pytest.mark.parametrize('option', [1, 'yes', 'cert.pem', {}, ssl, TLS])
def test_what_means_nothing_is_refused_with_what_to_type(option: Any) -> None:
    with pytest.raises(TypeError, match=r'means nothing; type tls=True, tls=kmock\.TLS\(\.\.\.\)'):
        Server(RawHandler(), tls=option)


def test_a_context_of_a_client_is_refused_with_what_to_type() -> None:
    with pytest.raises(TypeError, match=r'made for clients; a server needs ssl\.create_default_context'):
        Server(RawHandler(), tls=ssl.create_default_context())


def test_options_are_frozen_values() -> None:
    options: Any = TLS(certificate='expired')
    assert options == TLS(certificate='expired') != TLS()
    with pytest.raises(FrozenInstanceError):
        options.certificate = 'valid'


@pytest.mark.parametrize('certificate', ['invalid', None, True, ''])
def test_an_unknown_certificate_is_refused_with_those_that_are_known(certificate: Any) -> None:
    with pytest.raises(ValueError, match="'valid', 'expired', 'not-yet-valid', 'wrong-host', 'self-signed'"):
        TLS(certificate=certificate)


@pytest.mark.parametrize('client_certs', [True, None, 0, 'always'])
def test_an_unknown_way_with_client_certificates_is_refused_with_those_that_are_known(client_certs: Any) -> None:
    with pytest.raises(ValueError, match="False, 'optional', 'required'"):
        TLS(client_certs=client_certs)


def test_a_context_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match=r'is not an ssl\.SSLContext'):
        TLS(context=NOTHING)


@pytest.mark.parametrize(
    'options', [{'certificate': 'expired'}, {'client_certs': 'required'}, {'client_certs': False}, {'client_ca': 'x'}]
)
def test_a_context_of_the_user_stands_alone(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match='stands alone'):
        TLS(context=server_side(), **options)


def test_an_authority_without_a_context_is_refused() -> None:
    with pytest.raises(TypeError, match='context of your own'):
        TLS(ca='ca.pem')


# ---- The authority. ----


def test_without_trustme_the_error_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, '_authority', None)
    monkeypatch.setitem(sys.modules, 'trustme', None)
    with pytest.raises(MissingExtraError) as caught:
        Server(RawHandler(), tls=True).ca_path
    assert str(caught.value) == "tls=True needs trustme: pip install 'kmock-http[tls]'"
    assert (caught.value.extra, isinstance(caught.value, KMockError)) == ('tls', True)


async def test_a_server_without_trustme_does_not_start_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, kmock: RawHandler
) -> None:
    monkeypatch.setattr(authority, '_authority', None)
    monkeypatch.setitem(sys.modules, 'trustme', None)
    with pytest.raises(MissingExtraError):
        await Server(kmock, tls=TLS(certificate='expired')).__aenter__()
    assert kmock.servers == []


def test_nothing_of_it_is_loaded_before_it_is_needed() -> None:
    loaded = run('import sys, kmock_http; kmock_http.Server, kmock_http.TLS(); print(*sys.modules)').split()
    assert 'kmock_http.server' in loaded
    assert not {'trustme', 'cryptography'} & set(loaded)


def test_the_authority_is_one_for_all_servers_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, '_authority', None)
    barrier = threading.Barrier(8)
    found: list[str] = []

    def ask() -> None:
        barrier.wait()
        found.append(Server(RawHandler(), tls=True).ca_path)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_contexts_of_servers_are_made_once() -> None:
    assert server_context(TLS(), '127.0.0.1') is server_context(TLS(), 'localhost')
    assert server_context(TLS(), '127.0.0.1') is not server_context(TLS(client_certs=False), '127.0.0.1')


def test_the_files_are_of_the_owner_only_and_are_removed_at_the_end_of_the_process() -> None:
    path, mode = run(
        'import kmock, os; server = kmock.Server(kmock.RawHandler(), tls=True); server.issue_cert("alice"); '
        'print(server.ca_path, oct(os.stat(os.path.dirname(server.ca_path)).st_mode & 0o777))'
    ).split()
    assert not Path(path).parent.exists()
    assert mode == '0o700'


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='there are no forks here')
def test_a_fork_does_not_remove_the_files_of_its_parent() -> None:
    code = (
        'import kmock, os, sys; path = kmock.Server(kmock.RawHandler(), tls=True).ca_path; child = os.fork()\n'
        'if child: os.waitpid(child, 0); print(os.path.exists(path))'
    )
    assert run(code) == 'True'
