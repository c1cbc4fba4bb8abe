"""The bodies of requests about subresources: objects of other kinds than those that they are about."""

from functools import cache

from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.decoding import Decoded, decode_request, refuse_strictly
from kmock_k8s.cluster.defaulting import set_defaults
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.write_options import WriteOptions
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource


@cache
def kind_of(group: str, version: str, name: str) -> Kind:
    """The kind of the bodies of a subresource.

    >>> kind_of('autoscaling', 'v1', 'Scale')
    <Kind autoscaling/v1 Scale>
    """
    return Kind(resource(group, version, f'{name.lower()}s'), ResourceInfo(kind=name, namespaced=True))


def read_body(call: Call, kind: Kind, options: WriteOptions) -> Decoded:
    """The object in the body of a request, with its defaults."""
    decoded = decode_request(call.request, kind)
    if options.validation == 'Strict':
        refuse_strictly(decoded, kind)
    content = decoded.content
    metadata: JSONObject = {**metadata_of(content)}
    content['metadata'] = metadata
    set_defaults(kind, content)
    return Decoded(content, decoded.problems if options.validation == 'Warn' else [])
