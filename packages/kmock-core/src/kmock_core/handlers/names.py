"""The names of the facade on a handler: in tests, the fixture ``kmock`` shadows the module ``kmock``."""

from typing import TYPE_CHECKING

from kmock_core import exports

if TYPE_CHECKING:
    from typing import ClassVar

    import kmock_core as core


class FacadeNames:
    """Answers the names of ``import kmock`` on an instance."""

    if TYPE_CHECKING:
        AndGroup: ClassVar[type[core.AndGroup]]
        BoolCriteria: ClassVar[type[core.BoolCriteria]]
        Bus: ClassVar[type[core.Bus]]
        BusGone: ClassVar[type[core.BusGone]]
        BusMark: ClassVar[type[core.BusMark]]
        Chained: ClassVar[type[core.Chained]]
        Criteria: ClassVar[type[core.Criteria]]
        DictCriteria: ClassVar[type[core.DictCriteria]]
        EventCriteria: ClassVar[type[core.EventCriteria]]
        Exclusion: ClassVar[type[core.Exclusion]]
        ExpectationError: ClassVar[type[core.ExpectationError]]
        Filter: ClassVar[type[core.Filter]]
        FnCriteria: ClassVar[type[core.FnCriteria]]
        FormFile: ClassVar[type[core.FormFile]]
        FutureCriteria: ClassVar[type[core.FutureCriteria]]
        Group: ClassVar[type[core.Group]]
        HTTPCriteria: ClassVar[type[core.HTTPCriteria]]
        KMockError: ClassVar[type[core.KMockError]]
        OrGroup: ClassVar[type[core.OrGroup]]
        Priority: ClassVar[type[core.Priority]]
        RawHandler: ClassVar[type[core.RawHandler]]
        Reaction: ClassVar[type[core.Reaction]]
        ReactionMismatchError: ClassVar[type[core.ReactionMismatchError]]
        Request: ClassVar[type[core.Request]]
        Response: ClassVar[type[core.Response]]
        Root: ClassVar[type[core.Root]]
        SinkBox: ClassVar[type[core.SinkBox]]
        Slicer: ClassVar[type[core.Slicer]]
        StrCriteria: ClassVar[type[core.StrCriteria]]
        Stream: ClassVar[type[core.Stream]]
        UnusedRuleError: ClassVar[type[core.UnusedRuleError]]
        View: ClassVar[type[core.View]]

        body: ClassVar[type[core.body]]
        client_cert: ClassVar[type[core.client_cert]]
        cookies: ClassVar[type[core.cookies]]
        data: ClassVar[type[core.data]]
        fault: ClassVar[type[core.fault]]
        headers: ClassVar[type[core.headers]]
        jsonpath: ClassVar[type[core.jsonpath]]
        jsonschema: ClassVar[type[core.jsonschema]]
        method: ClassVar[type[core.method]]
        ndjson: ClassVar[type[core.ndjson]]
        params: ClassVar[type[core.params]]
        path: ClassVar[type[core.path]]
        resume: ClassVar[type[core.resume]]
        sse: ClassVar[type[core.sse]]
        text: ClassVar[type[core.text]]

        CONNECT: ClassVar[core.method]
        GET: ClassVar[core.method]
        HEAD: ClassVar[core.method]
        OPTIONS: ClassVar[core.method]
        PATCH: ClassVar[core.method]
        POST: ClassVar[core.method]
        PUT: ClassVar[core.method]
        TRACE: ClassVar[core.method]
    else:

        def __getattr__(self, name):
            if name.startswith('_'):
                raise AttributeError(f'{type(self).__name__!r} object has no attribute {name!r}', name=name, obj=self)
            return exports.lookup(name)
