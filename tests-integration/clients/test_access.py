"""Clients in Python as users: what they raise when they are refused, and how they ask for what they may do."""

from collections.abc import Callable, Generator
from contextlib import closing
from importlib import import_module
from typing import Any

import pytest

import kmock

# kr8s names the versions that it was tried with, which ends before ours; it does not depend on them.
pytestmark = pytest.mark.filterwarnings('ignore:Kubernetes version .* is not supported:UserWarning')

TOKENS = {
    'admin-token': ['system:masters'],
    'jane-token': {'username': 'jane', 'groups': ['developers']},
}
FORBIDDEN = (
    'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"'
)
BINDING = {
    'apiVersion': 'rbac.authorization.k8s.io/v1',
    'kind': 'RoleBinding',
    'metadata': {'name': 'viewers', 'namespace': 'default'},
    'roleRef': {'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'ClusterRole', 'name': 'view'},
    'subjects': [{'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'Group', 'name': 'developers'}],
}

Names = list[str]
Lister = Callable[[dict[str, Any]], Names]
"""Lists the names of the config maps by a kubeconfig; raises a `RefusedError` if that is not allowed."""


class RefusedError(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def list_by_kubernetes(kubeconfig: dict[str, Any]) -> Names:
    library: Any = import_module('kubernetes')
    with library.config.new_client_from_config_dict(kubeconfig) as api:
        try:
            return [
                found.metadata.name
                for found in library.client.CoreV1Api(api).list_namespaced_config_map('default').items
            ]
        except library.client.ApiException as exc:
            raise RefusedError(exc.status, exc.body) from exc


def list_by_lightkube(kubeconfig: dict[str, Any]) -> Names:
    library: Any = import_module('lightkube')
    resources: Any = import_module('lightkube.resources.core_v1')
    client = library.Client(config=library.KubeConfig.from_dict(kubeconfig), trust_env=False)
    with closing(client._client):  # with lightkube 1.0, there is `client.close()`
        try:
            return [found.metadata.name for found in client.list(resources.ConfigMap, namespace='default')]
        except library.ApiError as exc:
            raise RefusedError(exc.status.code, str(exc)) from exc


def list_by_kr8s(kubeconfig: dict[str, Any]) -> Names:
    library: Any = import_module('kr8s')
    api = library.api(kubeconfig=kubeconfig)
    try:
        return [found.name for found in api.get('configmaps', namespace='default')]
    except library.ServerError as exc:
        raise RefusedError(exc.response.status_code, str(exc)) from exc
    finally:  # there is no public way; the connections are those of a thread that it has for all blocking clients
        import_module('kr8s._async_utils').Portal().call(api._session.aclose)


LISTERS = {'kubernetes': list_by_kubernetes, 'lightkube': list_by_lightkube, 'kr8s': list_by_kr8s}


@pytest.fixture(params=[None, True], ids=['http', 'https'])
def guarded(request: pytest.FixtureRequest) -> Generator[kmock.KubernetesCluster, None, None]:
    options: Any = {'tokens': TOKENS, 'authorization': 'rbac'}
    with kmock.serving(kmock.KubernetesCluster, tls=request.param, **options) as cluster:
        yield cluster


@pytest.mark.parametrize('lister', LISTERS.values(), ids=LISTERS)
def test_who_may_not_is_refused_until_they_may(guarded: kmock.KubernetesCluster, lister: Lister) -> None:
    guarded.objects['v1/configmaps', 'default', 'settings'] = {}
    kubeconfig = guarded.kubeconfig(token='jane-token')
    with pytest.raises(RefusedError) as caught:
        lister(kubeconfig)
    assert (caught.value.status, FORBIDDEN in str(caught.value).replace('\\"', '"')) == (403, True)

    guarded.load(BINDING)
    assert lister(kubeconfig) == ['settings']


@pytest.mark.parametrize('lister', LISTERS.values(), ids=LISTERS)
def test_the_kubeconfig_is_that_of_an_administrator(guarded: kmock.KubernetesCluster, lister: Lister) -> None:
    assert lister(guarded.kubeconfig()) == []


@pytest.mark.parametrize('lister', [list_by_kubernetes, list_by_lightkube], ids=['kubernetes', 'lightkube'])
def test_a_token_that_nobody_has_is_refused(guarded: kmock.KubernetesCluster, lister: Lister) -> None:
    with pytest.raises(RefusedError) as caught:
        lister(guarded.kubeconfig(token='bogus'))
    assert (caught.value.status, 'Unauthorized' in str(caught.value)) == (401, True)


def test_rights_are_asked_for(guarded: kmock.KubernetesCluster) -> None:
    library: Any = import_module('kubernetes')
    guarded.load(BINDING)
    with library.config.new_client_from_config_dict(guarded.kubeconfig(token='jane-token')) as api:
        client = library.client
        wanted = client.V1ResourceAttributes(verb='list', resource='pods', namespace='default')
        spec = client.V1SelfSubjectAccessReviewSpec(resource_attributes=wanted)
        review = client.V1SelfSubjectAccessReview(spec=spec)
        found = client.AuthorizationV1Api(api).create_self_subject_access_review(review)
        assert (found.status.allowed, found.status.reason) == (
            True,
            'RBAC: allowed by RoleBinding "viewers/default" of ClusterRole "view" to Group "developers"',
        )
        found = client.AuthenticationV1Api(api).create_self_subject_review(client.V1SelfSubjectReview())
        assert (found.status.user_info.username, found.status.user_info.groups) == (
            'jane',
            ['developers', 'system:authenticated'],
        )


def test_a_service_account_is_a_client_by_its_token(guarded: kmock.KubernetesCluster) -> None:
    library: Any = import_module('kubernetes')
    guarded.load({'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'robot'}})
    with library.config.new_client_from_config_dict(guarded.kubeconfig()) as api:
        request = library.client.AuthenticationV1TokenRequest(spec=library.client.V1TokenRequestSpec(audiences=[]))
        found = library.client.CoreV1Api(api).create_namespaced_service_account_token('robot', 'default', request)
    with pytest.raises(RefusedError, match='system:serviceaccount:default:robot'):
        list_by_kubernetes(guarded.kubeconfig(token=found.status.token))
