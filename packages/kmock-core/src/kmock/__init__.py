"""KMock: a mock server for HTTP APIs and for the Kubernetes API.

All that users need is here. What other distributions add (``kmock.Server`` of kmock-http, ``kmock.KubernetesEmulator``
of kmock-k8s) appears when they are installed, and is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from kmock_core import *
from kmock_core import __version__ as __version__

if TYPE_CHECKING:  # contributes nothing where a sibling is not installed
    from kmock_http import *
    from kmock_k8s import *
else:  # hidden from checkers: a visible __getattr__ would make each typo an Any
    from kmock_core import exports as _exports

    def __getattr__(name):
        return _exports.lookup(name)

    def __dir__():
        return sorted({*(name for name in globals() if name.startswith('__')), *_exports.known_names()})
