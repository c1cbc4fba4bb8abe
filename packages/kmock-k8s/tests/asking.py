"""Asking a cluster as somebody."""

import json
from typing import Any

import kmock

CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
ROLES = '/apis/rbac.authorization.k8s.io/v1'
RBAC = 'rbac.authorization.k8s.io'


async def ask(
    cluster: kmock.KubernetesCluster, token: str | None, method: str, url: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    """The status and the JSON of the answer to somebody."""
    sent = {name.replace('_', '-'): value for name, value in headers.items()}
    if token is not None:
        sent['Authorization'] = f'Bearer {token}'
    response = await getattr(cluster, method.lower())(url, json=body, headers=sent)
    text = await response.text()
    is_json = response.headers.get('Content-Type', '').startswith('application/json')
    return response.status, (json.loads(text) if is_json and text else text)


async def review(cluster: kmock.KubernetesCluster, token: str | None, kind: str, spec: Any, **headers: str) -> Any:
    """What a review of the authorization API has answered: its status, if it was done."""
    url = f'/apis/authorization.k8s.io/v1/{kind.lower()}s'
    status, found = await ask(cluster, token, 'POST', url, {'spec': spec}, **headers)
    return found['status'] if status == 201 else found


async def who_am_i(cluster: kmock.KubernetesCluster, token: str | None, **headers: str) -> Any:
    """The user that a cluster takes somebody for."""
    url = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    status, found = await ask(cluster, token, 'POST', url, {}, **headers)
    return found['status']['userInfo'] if status == 201 else found['message']
