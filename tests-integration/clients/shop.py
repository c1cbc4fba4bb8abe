"""A shop that is deployed to a cluster, and its own sort of objects: what the flows of the clients work with."""

from importlib import import_module
from typing import Any, TypeAlias

JSON: TypeAlias = dict[str, Any]

yaml: Any = import_module('yaml')

MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {team: tea}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  namespace: shop
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: shop
  labels: {app: web}
data:
  colour: green
---
apiVersion: v1
kind: Secret
metadata:
  name: keys
  namespace: shop
stringData:
  token: tea
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector: {app: web}
  ports:
  - port: 80
    targetPort: http
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: web:1
        ports:
        - name: http
          containerPort: 8080
"""

DEFINITION: JSON = yaml.safe_load("""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: teas.shop.dev
spec:
  group: shop.dev
  scope: Namespaced
  names: {kind: Tea, plural: teas, singular: tea, shortNames: [te]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.cups, statusReplicasPath: .status.cups}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [sort]
            properties:
              sort: {type: string, enum: [green, black]}
              cups: {type: integer, minimum: 0, default: 1}
          status:
            type: object
            properties:
              cups: {type: integer}
              phase: {type: string}
""")


PATCHES: tuple[tuple[str | None, Any], ...] = (
    (None, {'data': {'b': '2'}}),
    ('application/merge-patch+json', {'data': {'b': '2'}}),
    ('application/strategic-merge-patch+json', {'data': {'b': '2'}}),
    ('application/json-patch+json', [{'op': 'add', 'path': '/data/b', 'value': '2'}]),
)
"""Ways to add the same to a ConfigMap, by their types; None is that of the client."""


def manifests() -> list[JSON]:
    """New ones each time: some clients write into what they are given."""
    return [*yaml.safe_load_all(MANIFESTS)]


def metadata(name: str, labels: dict[str, str]) -> JSON:
    return {'name': name, 'namespace': 'default', **({'labels': labels} if labels else {})}


def configmap(name: str, **labels: str) -> JSON:
    return {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': metadata(name, labels), 'data': {'a': '1'}}


def pod(name: str, **labels: str) -> JSON:
    spec = {'containers': [{'name': 'main', 'image': 'nginx'}]}
    return {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': metadata(name, labels), 'spec': spec}


def deployment(name: str, replicas: int = 2, image: str = 'web:1') -> JSON:
    return {
        'apiVersion': 'apps/v1',
        'kind': 'Deployment',
        'metadata': {'name': name, 'namespace': 'default'},
        'spec': {
            'replicas': replicas,
            'selector': {'matchLabels': {'app': name}},
            'template': {
                'metadata': {'labels': {'app': name}},
                'spec': {'containers': [{'name': 'main', 'image': image}]},
            },
        },
    }


def tea(name: str, **spec: Any) -> JSON:
    return {
        'apiVersion': 'shop.dev/v1',
        'kind': 'Tea',
        'metadata': {'name': name, 'namespace': 'default'},
        'spec': {'sort': 'green', **spec},
    }
