"""The names of the facade, as type checkers see them: test_surface.py compares them with those of the run time."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from typing import Any, assert_type

import kmock


def aliases(criterion: kmock.Criterion, payload: kmock.Payload, sink: kmock.Sink) -> list[Any]:
    return [criterion, payload, sink]


def module() -> list[object]:
    assert_type(kmock.__version__, str)
    return [
        kmock.CONNECT,
        kmock.GET,
        kmock.HEAD,
        kmock.OPTIONS,
        kmock.PATCH,
        kmock.POST,
        kmock.PUT,
        kmock.TRACE,
        kmock.AndGroup,
        kmock.BoolCriteria,
        kmock.Bus,
        kmock.BusGone,
        kmock.BusMark,
        kmock.Chained,
        kmock.Criteria,
        kmock.DictCriteria,
        kmock.EventCriteria,
        kmock.Exclusion,
        kmock.ExpectationError,
        kmock.Filter,
        kmock.FnCriteria,
        kmock.FormFile,
        kmock.FutureCriteria,
        kmock.Group,
        kmock.HTTPCriteria,
        kmock.KMockError,
        kmock.OrGroup,
        kmock.Priority,
        kmock.RawHandler,
        kmock.Reaction,
        kmock.ReactionMismatchError,
        kmock.Request,
        kmock.Response,
        kmock.Root,
        kmock.SinkBox,
        kmock.Slicer,
        kmock.StrCriteria,
        kmock.Stream,
        kmock.UnusedRuleError,
        kmock.View,
        kmock.body,
        kmock.client_cert,
        kmock.cookies,
        kmock.data,
        kmock.fault,
        kmock.headers,
        kmock.jsonpath,
        kmock.jsonschema,
        kmock.method,
        kmock.ndjson,
        kmock.params,
        kmock.path,
        kmock.resume,
        kmock.sse,
        kmock.text,
    ]


def instance(handler: kmock.RawHandler) -> list[object]:
    return [
        handler.CONNECT,
        handler.GET,
        handler.HEAD,
        handler.OPTIONS,
        handler.PATCH,
        handler.POST,
        handler.PUT,
        handler.TRACE,
        handler.AndGroup,
        handler.BoolCriteria,
        handler.Bus,
        handler.BusGone,
        handler.BusMark,
        handler.Chained,
        handler.Criteria,
        handler.DictCriteria,
        handler.EventCriteria,
        handler.Exclusion,
        handler.ExpectationError,
        handler.Filter,
        handler.FnCriteria,
        handler.FormFile,
        handler.FutureCriteria,
        handler.Group,
        handler.HTTPCriteria,
        handler.KMockError,
        handler.OrGroup,
        handler.Priority,
        handler.RawHandler,
        handler.Reaction,
        handler.ReactionMismatchError,
        handler.Request,
        handler.Response,
        handler.Root,
        handler.SinkBox,
        handler.Slicer,
        handler.StrCriteria,
        handler.Stream,
        handler.UnusedRuleError,
        handler.View,
        handler.body,
        handler.client_cert,
        handler.cookies,
        handler.data,
        handler.fault,
        handler.headers,
        handler.jsonpath,
        handler.jsonschema,
        handler.method,
        handler.ndjson,
        handler.params,
        handler.path,
        handler.resume,
        handler.sse,
        handler.text,
    ]


def others() -> list[Any]:
    # What the modules of the package import for themselves is not exported with their names.
    return [
        kmock.exports,  # type: ignore[attr-defined]
        kmock.registry,  # type: ignore[attr-defined]
    ]
