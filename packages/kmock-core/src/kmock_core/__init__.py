"""The core of KMock: criteria, views, payloads, streams, and handlers that need no sockets.

Users import it as ``import kmock``.
"""

from kmock_core.criteria.base import Criteria
from kmock_core.criteria.http import HTTPCriteria
from kmock_core.criteria.jsonpaths import jsonpath
from kmock_core.criteria.live import BoolCriteria, EventCriteria, FnCriteria, FutureCriteria
from kmock_core.criteria.plain import DictCriteria, StrCriteria
from kmock_core.criteria.schemas import jsonschema
from kmock_core.errors import ExpectationError, KMockError, ReactionMismatchError, UnusedRuleError
from kmock_core.handlers.raw import RawHandler
from kmock_core.live.items import Bus, BusGone, BusMark
from kmock_core.rendering.events import resume, sse
from kmock_core.rendering.faults import fault
from kmock_core.rendering.jsonlines import ndjson
from kmock_core.sinks.adapters import SinkBox
from kmock_core.values.bodies import FormFile
from kmock_core.values.boxes import body, client_cert, cookies, data, headers, params, path, text
from kmock_core.values.methods import method
from kmock_core.values.requests import Request
from kmock_core.values.responses import Response
from kmock_core.views.base import View
from kmock_core.views.chained import Chained, Exclusion, Filter, Priority, Slicer
from kmock_core.views.groups import AndGroup, Group, OrGroup
from kmock_core.views.reactions import Reaction
from kmock_core.views.root import Root
from kmock_core.views.streams import Stream
from kmock_core.views.typing import Criterion, Payload, Sink

GET: method = method.GET
HEAD: method = method.HEAD
POST: method = method.POST
PUT: method = method.PUT
PATCH: method = method.PATCH
OPTIONS: method = method.OPTIONS
TRACE: method = method.TRACE
CONNECT: method = method.CONNECT

__version__ = '0.1.0'

__all__ = [
    'CONNECT',
    'GET',
    'HEAD',
    'OPTIONS',
    'PATCH',
    'POST',
    'PUT',
    'TRACE',
    'AndGroup',
    'BoolCriteria',
    'Bus',
    'BusGone',
    'BusMark',
    'Chained',
    'Criteria',
    'Criterion',
    'DictCriteria',
    'EventCriteria',
    'Exclusion',
    'ExpectationError',
    'Filter',
    'FnCriteria',
    'FormFile',
    'FutureCriteria',
    'Group',
    'HTTPCriteria',
    'KMockError',
    'OrGroup',
    'Payload',
    'Priority',
    'RawHandler',
    'Reaction',
    'ReactionMismatchError',
    'Request',
    'Response',
    'Root',
    'Sink',
    'SinkBox',
    'Slicer',
    'StrCriteria',
    'Stream',
    'UnusedRuleError',
    'View',
    '__version__',
    'body',
    'client_cert',
    'cookies',
    'data',
    'fault',
    'headers',
    'jsonpath',
    'jsonschema',
    'method',
    'ndjson',
    'params',
    'path',
    'resume',
    'sse',
    'text',
]
