"""The names of the facade on a handler: in tests, the fixture ``kmock`` shadows the module ``kmock``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kmock_core.errors import KMockError as KMockErrorClass
    from kmock_core.live.items import Bus as BusClass
    from kmock_core.sinks.adapters import SinkBox as SinkBoxClass
    from kmock_core.values import boxes
    from kmock_core.values.methods import method as method_class
    from kmock_core.values.requests import Request as RequestClass
    from kmock_core.values.responses import Response as ResponseClass


class FacadeNames:
    """Answers the names of ``import kmock`` on an instance."""

    if TYPE_CHECKING:
        method = method_class
        path = boxes.path
        params = boxes.params
        headers = boxes.headers
        cookies = boxes.cookies
        body = boxes.body
        text = boxes.text
        data = boxes.data
        Request = RequestClass
        Response = ResponseClass
        SinkBox = SinkBoxClass
        Bus = BusClass
        KMockError = KMockErrorClass
        GET = method_class.GET
        HEAD = method_class.HEAD
        POST = method_class.POST
        PUT = method_class.PUT
        PATCH = method_class.PATCH
        OPTIONS = method_class.OPTIONS
        TRACE = method_class.TRACE
        CONNECT = method_class.CONNECT
    else:

        def __getattr__(self, name):
            if name.startswith('_'):
                raise AttributeError(f'{type(self).__name__!r} object has no attribute {name!r}', name=name, obj=self)
            from kmock_core import exports

            return exports.lookup(name)
