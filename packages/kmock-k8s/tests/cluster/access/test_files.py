"""Files of tokens: as kube-apiserver reads them."""

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s import KubernetesCluster


def user(name: str, uid: str, *groups: str) -> dict[str, Any]:
    return {'username': name, 'uid': uid, 'groups': [*groups]}


@pytest.mark.parametrize(
    ('text', 'users'),
    [
        ('t,jane,1', {'t': user('jane', '1')}),
        ('t,jane,1,\n', {'t': user('jane', '1')}),
        ('t,jane,1,developers\n', {'t': user('jane', '1', 'developers')}),
        ('t,jane,1,"developers,system:masters"\n', {'t': user('jane', '1', 'developers', 'system:masters')}),
        ('t,jane,1,"a,b","more",x\n', {'t': user('jane', '1', 'a', 'b')}),
        ('t,jane,\n', {'t': user('jane', '')}),
        ('"t""1""",jane,1\r\n\r\nu,joe,2\r\n', {'t"1"': user('jane', '1'), 'u': user('joe', '2')}),
        (',nobody,0\nt,jane,1\n', {'t': user('jane', '1')}),
        ('t,jane,1\nt,joe,2\n', {'t': user('joe', '2')}),
        ('\ufefft,jane,1\n', {'t': user('jane', '1')}),
    ],
)
def test_each_line_is_a_user(tmp_path: Path, text: str, users: dict[str, Any]) -> None:
    file = tmp_path / 'tokens.csv'
    file.write_bytes(text.encode())
    assert KubernetesCluster.read_tokens(file) == users
    assert KubernetesCluster(tokens=users).tokens == users


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'tokens.csv has no tokens: a line is token,user,uid,"group1,group2"'),
        (b'\n,a,b\n', 'tokens.csv has no tokens: a line is token,user,uid,"group1,group2"'),
        (b't,jane,1\nt', 'tokens.csv, line 2: 1 column, but there are 3 or 4: token,user,uid,"group1,group2"'),
        (b't,jane', 'tokens.csv, line 1: 2 columns, but there are 3 or 4: token,user,uid,"group1,group2"'),
        (b't,jane,1,"a', 'tokens.csv, line 1: unexpected end of data; a line is token,user,uid,"group1,group2"'),
        (b'\xff', 'tokens.csv: this is no UTF-8: '),
    ],
)
def test_what_is_no_file_of_tokens_is_refused_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / 'tokens.csv'
    file.write_bytes(content)
    with pytest.raises(ValueError, match=f'^{re.escape(f"{tmp_path}/{message}")}'):
        KubernetesCluster.read_tokens(file)


@given(st.binary(max_size=60))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / 'any.csv'
    file.write_bytes(content)
    users: object = None
    with contextlib.suppress(ValueError):
        users = KubernetesCluster.read_tokens(file)
    assert users != {}
