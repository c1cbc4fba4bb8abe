"""Derives the columns of the built-in tables that come with this package from those of a real cluster.

    python tools/derive_columns.py COLUMNS.json.gz GO_API RECORDING.jsonl…

The first file has ``columns``: ``GROUP/VERSION/PLURAL`` -> the columns of its table, with name, type, format, priority.
The folder has the sources of ``k8s.io/api``, the newest version at hand: columns that stand for a field are described
as the field is. The others are recorded answers, a step on each line: of the tables in them, the descriptions of
columns are taken; they take precedence.

What is written, always in the same bytes: the columns, complete as they are answered.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

DATA = Path(__file__).parent.parent / 'src' / 'kmock_k8s' / 'data'
VERSION = '1.36'

COMMON = frozenset({'Name', 'Age', 'Created At', 'Containers', 'Images'})
"""The columns that are described alike in all tables."""

_WEBHOOKS = 'Webhooks indicates the number of webhooks registered in this configuration'
_PARAM_KIND = 'ParamKind specifies the kind of resources used to parameterize this policy'
_POLICY = 'PolicyName indicates the policy definition which the policy binding binded to'
_PARAM_REF = 'ParamRef indicates the param resource which sets the configration param'

PLACES: Mapping[str, Mapping[str, str]] = {
    'admissionregistration.k8s.io/v1/mutatingadmissionpolicies': {
        'Mutations': 'Mutation indicates the number of mutations rules defined in this configuration',
        'ParamKind': _PARAM_KIND,
    },
    'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings': {'PolicyName': _POLICY, 'ParamRef': _PARAM_REF},
    'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations': {'Webhooks': _WEBHOOKS},
    'admissionregistration.k8s.io/v1/validatingadmissionpolicies': {
        'Validations': 'Validations indicates the number of validation rules defined in this configuration',
        'ParamKind': _PARAM_KIND,
    },
    'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings': {
        'PolicyName': _POLICY,
        'ParamRef': _PARAM_REF,
    },
    'admissionregistration.k8s.io/v1/validatingwebhookconfigurations': {'Webhooks': _WEBHOOKS},
    'apiregistration.k8s.io/v1/apiservices': {
        'Service': 'The reference to the service that hosts this API endpoint.',
        'Available': 'Whether this service is available.',
    },
    'apps/v1/controllerrevisions': {
        'Controller': 'Controller of the object',
        'Revision': '@apps/v1beta1 ControllerRevision revision',
    },
    'certificates.k8s.io/v1/certificatesigningrequests': {
        'SignerName': '@certificates/v1beta1 CertificateSigningRequestSpec signerName',
        'Requestor': '@certificates/v1beta1 CertificateSigningRequestSpec request',
        'RequestedDuration': '@certificates/v1beta1 CertificateSigningRequestSpec expirationSeconds',
        'Condition': '@certificates/v1beta1 CertificateSigningRequestStatus conditions',
    },
    'events.k8s.io/v1/events': {
        'Last Seen': '@core/v1 Event lastTimestamp',
        'Type': '@core/v1 Event type',
        'Reason': '@core/v1 Event reason',
        'Object': '@core/v1 Event involvedObject',
        'Subobject': '@core/v1 ObjectReference fieldPath',
        'Source': '@core/v1 Event source',
        'Message': '@core/v1 Event message',
        'First Seen': '@core/v1 Event firstTimestamp',
        'Count': '@core/v1 Event count',
    },
    'flowcontrol.apiserver.k8s.io/v1/flowschemas': {
        'PriorityLevel': '@flowcontrol/v1 PriorityLevelConfigurationReference name',
        'MatchingPrecedence': '@flowcontrol/v1 FlowSchemaSpec matchingPrecedence',
        'DistinguisherMethod': '@flowcontrol/v1 FlowSchemaSpec distinguisherMethod',
        'MissingPL': 'references a broken or non-existent PriorityLevelConfiguration',
    },
    'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations': {
        'Type': '@flowcontrol/v1 PriorityLevelConfigurationSpec type',
        'NominalConcurrencyShares': '@flowcontrol/v1 LimitedPriorityLevelConfiguration nominalConcurrencyShares',
        'Queues': '@flowcontrol/v1 QueuingConfiguration queues',
        'HandSize': '@flowcontrol/v1 QueuingConfiguration handSize',
        'QueueLengthLimit': '@flowcontrol/v1 QueuingConfiguration queueLengthLimit',
    },
    'networking.k8s.io/v1/ingressclasses': {
        'Controller': 'Controller that is responsible for handling this class',
        'Parameters': 'A reference to a resource with additional parameters',
    },
    'networking.k8s.io/v1/ipaddresses': {'ParentRef': '@networking/v1 IPAddressSpec parentRef'},
    'networking.k8s.io/v1/servicecidrs': {'CIDRs': '@networking/v1 ServiceCIDRSpec cidrs'},
    'rbac.authorization.k8s.io/v1/clusterrolebindings': {
        'Role': '@rbac/v1beta1 ClusterRoleBinding roleRef',
        'Users': 'Users in the clusterRoleBinding',
        'Groups': 'Groups in the clusterRoleBinding',
        'ServiceAccounts': 'ServiceAccounts in the clusterRoleBinding',
    },
    'resource.k8s.io/v1/resourceclaims': {
        'State': 'A summary of the current state (allocated, pending, reserved, etc.).',
    },
    'resource.k8s.io/v1/resourceslices': {
        'Node': '@resource/v1beta1 ResourceSliceSpec nodeName',
        'Driver': '@resource/v1beta1 ResourceSliceSpec driver',
        'Pool': '@resource/v1beta1 ResourcePool name',
    },
    'scheduling.k8s.io/v1/priorityclasses': {
        'Value': '@scheduling/v1 PriorityClass value',
        'Global-Default': '@scheduling/v1 PriorityClass globalDefault',
        'PreemptionPolicy': '@scheduling/v1 PriorityClass preemptionPolicy',
    },
    'storage.k8s.io/v1/csidrivers': {
        'AttachRequired': '@storage/v1 CSIDriverSpec attachRequired',
        'PodInfoOnMount': '@storage/v1 CSIDriverSpec podInfoOnMount',
        'StorageCapacity': '@storage/v1 CSIDriverSpec storageCapacity',
        'TokenRequests': '@storage/v1 CSIDriverSpec tokenRequests',
        'RequiresRepublish': '@storage/v1 CSIDriverSpec requiresRepublish',
        'Modes': '@storage/v1 CSIDriverSpec volumeLifecycleModes',
    },
    'storage.k8s.io/v1/csinodes': {
        'Drivers': 'Drivers indicates the number of CSI drivers registered on the node',
    },
    'storage.k8s.io/v1/storageclasses': {
        'Provisioner': '@storage/v1 StorageClass provisioner',
        'ReclaimPolicy': '@storage/v1 StorageClass reclaimPolicy',
        'VolumeBindingMode': '@storage/v1 StorageClass volumeBindingMode',
        'AllowVolumeExpansion': '@storage/v1 StorageClass allowVolumeExpansion',
    },
    'storage.k8s.io/v1/volumeattachments': {
        'Attacher': '@storage/v1 VolumeAttachmentSpec attacher',
        'PV': '@storage/v1 VolumeAttachmentSource persistentVolumeName',
        'Node': '@storage/v1 VolumeAttachmentSpec nodeName',
        'Attached': '@storage/v1 VolumeAttachmentStatus attached',
    },
    'storage.k8s.io/v1/volumeattributesclasses': {'DriverName': '@storage/v1beta1 VolumeAttributesClass driverName'},
    'v1/componentstatuses': {
        'Status': 'Status of the component conditions',
        'Message': 'Message of the component conditions',
        'Error': 'Error of the component conditions',
    },
    'v1/namespaces': {'Status': 'The status of the namespace'},
    'v1/nodes': {
        'Status': 'The status of the node',
        'Roles': 'The roles of the node',
        'Version': '@core/v1 NodeSystemInfo kubeletVersion',
        'Internal-IP': '@core/v1 NodeStatus addresses',
        'External-IP': '@core/v1 NodeStatus addresses',
        'OS-Image': '@core/v1 NodeSystemInfo osImage',
        'Kernel-Version': '@core/v1 NodeSystemInfo kernelVersion',
        'Container-Runtime': '@core/v1 NodeSystemInfo containerRuntimeVersion',
    },
    'v1/persistentvolumes': {
        'Capacity': '@core/v1 PersistentVolumeSpec capacity',
        'Access Modes': '@core/v1 PersistentVolumeSpec accessModes',
        'Reclaim Policy': '@core/v1 PersistentVolumeSpec persistentVolumeReclaimPolicy',
        'Status': '@core/v1 PersistentVolumeStatus phase',
        'Claim': '@core/v1 PersistentVolumeSpec claimRef',
        'StorageClass': 'StorageClass of the pv',
        'VolumeAttributesClass': 'VolumeAttributesClass of the pv',
        'Reason': '@core/v1 PersistentVolumeStatus reason',
        'VolumeMode': '@core/v1 PersistentVolumeSpec volumeMode',
    },
    'v1/podtemplates': {'Pod Labels': 'The labels for the pod template.'},
    'v1/scales': {
        'Desired': '@autoscaling/v1 ScaleSpec replicas',
        'Available': '@autoscaling/v1 ScaleStatus replicas',
    },
}
"""How the columns of other tables are described: as a field is (``@FOLDER MESSAGE FIELD``), or in their own words."""

SCALES = [
    {'name': 'Name', 'type': 'string', 'format': '', 'priority': 0},
    {'name': 'Desired', 'type': 'integer', 'format': '', 'priority': 0},
    {'name': 'Available', 'type': 'integer', 'format': '', 'priority': 0},
    {'name': 'Age', 'type': 'string', 'format': '', 'priority': 0},
]
"""The columns of scales, which are no resource of their own."""

_find_resource = re.compile(
    r'/(?:api|apis/(?P<group>[^/?]+))/(?P<version>[^/?]+)/(?:namespaces/[^/?]+/)?(?P<plural>[^/?]+)'
)


def main() -> None:
    columns: dict[str, list[dict[str, Any]]] = json.loads(gzip.decompress(Path(sys.argv[1]).read_bytes()))['columns']
    columns['v1/scales'] = SCALES
    texts: dict[tuple[str, str], str] = {}
    for path in sys.argv[3:]:
        for key, found in read_tables(Path(path)):
            for column in found if key in columns else ():
                texts[key, column['name']] = column['description']
    common = {name: text for (_, name), text in texts.items() if name in COMMON}
    common['Created At'] = common['Age']
    for key, places in PLACES.items():
        for name, place in places.items():
            texts.setdefault((key, name), find_text(Path(sys.argv[2]), place))
    written = {
        key: [
            {
                'name': column['name'],
                'type': column['type'],
                'format': column['format'],
                'description': texts.get((key, column['name']), common.get(column['name'], '')),
                'priority': column['priority'],
            }
            for column in listed
        ]
        for key, listed in sorted(columns.items())
    }
    target = DATA / f'kubernetes-{VERSION}-columns.json.gz'
    content = json.dumps({'columns': written}, separators=(',', ':'))
    target.write_bytes(gzip.compress(content.encode('utf-8'), 9, mtime=0))
    missing = [
        f'{key} {column["name"]}' for key, listed in written.items() for column in listed if not column['description']
    ]
    sys.stdout.write(f'{target}: {target.stat().st_size} bytes; without descriptions: {", ".join(missing) or "none"}\n')


def find_text(api: Path, place: str) -> str:
    """The description of a field in the sources; or the words as they are."""
    if not place.startswith('@'):
        return place
    folder, message, field = place[1:].split()
    source = (api / folder / 'types_swagger_doc_generated.go').read_text(encoding='utf-8')
    fields = re.search(rf'^var map_{message} = map\[string\]string{{\n(.*?)^}}', source, re.MULTILINE | re.DOTALL)
    found = fields and re.search(rf'^\t"{field}": +("(?:[^"\\]|\\.)*"),$', fields[1], re.MULTILINE)
    if not found:
        raise ValueError(f'{place} is not described')
    return str(json.loads(found[1]))


def read_tables(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The columns of the tables that were recorded, by their resources."""
    for line in path.read_text(encoding='utf-8').splitlines():
        step: dict[str, Any] = json.loads(line)
        match = _find_resource.match(step.get('send', {}).get('path', ''))
        if match is not None:
            group, version, plural = match['group'], match['version'], match['plural']
            key = f'{group}/{version}/{plural}' if group else f'{version}/{plural}'
            for table in find_tables(step.get('answer')):
                yield key, table['columnDefinitions']


def find_tables(value: object) -> Iterator[Mapping[str, Any]]:
    """The tables with columns that are anywhere in an answer."""
    if isinstance(value, dict):
        fields = cast('dict[str, Any]', value)
        if fields.get('kind') == 'Table' and fields.get('columnDefinitions'):
            yield fields
        for item in fields.values():
            yield from find_tables(item)
    elif isinstance(value, list):
        items: list[Any] = cast('Any', value)
        for item in items:
            yield from find_tables(item)


if __name__ == '__main__':
    main()
