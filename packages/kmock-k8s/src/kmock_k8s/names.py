"""The names of this package on its handlers: in tests, the fixture ``kmock`` shadows the module ``kmock``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, ClassVar

    import kmock_k8s as k8s


class KubernetesNames:
    """Shows type checkers the names of this package on an instance; at run time, every handler answers them."""

    if TYPE_CHECKING:
        K8sCriteria: ClassVar[type[k8s.K8sCriteria]]
        KubernetesBadRequestError: ClassVar[type[k8s.KubernetesBadRequestError]]
        KubernetesCluster: ClassVar[type[k8s.KubernetesCluster]]
        KubernetesEmulator: ClassVar[type[k8s.KubernetesEmulator]]
        KubernetesEndpointNotFoundError: ClassVar[type[k8s.KubernetesEndpointNotFoundError]]
        KubernetesError: ClassVar[type[k8s.KubernetesError]]
        KubernetesExpiredError: ClassVar[type[k8s.KubernetesExpiredError]]
        KubernetesInvalidError: ClassVar[type[k8s.KubernetesInvalidError]]
        KubernetesMediaTypeError: ClassVar[type[k8s.KubernetesMediaTypeError]]
        KubernetesMethodNotAllowedError: ClassVar[type[k8s.KubernetesMethodNotAllowedError]]
        KubernetesNotFoundError: ClassVar[type[k8s.KubernetesNotFoundError]]
        KubernetesObjectConflictError: ClassVar[type[k8s.KubernetesObjectConflictError]]
        KubernetesObjectNotFoundError: ClassVar[type[k8s.KubernetesObjectNotFoundError]]
        KubernetesRequest: ClassVar[type[k8s.KubernetesRequest]]
        KubernetesResourceNotFoundError: ClassVar[type[k8s.KubernetesResourceNotFoundError]]
        KubernetesScaffold: ClassVar[type[k8s.KubernetesScaffold]]
        ManifestError: ClassVar[type[k8s.ManifestError]]
        Object: ClassVar[type[k8s.Object]]
        ObjectHistory: ClassVar[type[k8s.ObjectHistory]]
        ObjectVersion: ClassVar[type[k8s.ObjectVersion]]
        ObjectsArray: ClassVar[type[k8s.ObjectsArray]]
        ResourceInfo: ClassVar[type[k8s.ResourceInfo]]
        ResourcesArray: ClassVar[type[k8s.ResourcesArray]]

        action: ClassVar[type[k8s.action]]
        resource: ClassVar[type[k8s.resource]]

        @staticmethod
        def name(*patterns: Any) -> k8s.K8sCriteria: ...
        @staticmethod
        def namespace(*patterns: Any) -> k8s.K8sCriteria: ...
        @staticmethod
        def subresource(*patterns: Any) -> k8s.K8sCriteria: ...

        CREATE: ClassVar[k8s.action]
        DELETE: ClassVar[k8s.action]
        FETCH: ClassVar[k8s.action]
        LIST: ClassVar[k8s.action]
        UPDATE: ClassVar[k8s.action]
        WATCH: ClassVar[k8s.action]
