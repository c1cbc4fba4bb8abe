"""LIST: the objects of a resource as they are, perhaps page by page."""

import base64
import re
from collections import OrderedDict
from typing import NamedTuple

from kmock_core.values.responses import Answer
from kmock_k8s.api.answers import answer_raw
from kmock_k8s.api.calls import Call
from kmock_k8s.errors import KubernetesBadRequestError, KubernetesExpiredError
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.resources import resource
from kmock_k8s.store.spi import ObjectStore

MAX_PAGED = 100
"""How many lists can be read page by page at the same time; those read the longest ago expire."""


class Paged(NamedTuple):
    """A list that is read page by page: as it was when the first page was asked for."""

    about: resource
    revision: int
    raws: list[bytes]
    counted: bool
    """Whether it is said how many objects remain: not with selectors, as in a real server."""


class Pages:
    """The lists that are read page by page, to be used under the lock of the store."""

    def __init__(self) -> None:
        self._lists: OrderedDict[int, Paged] = OrderedDict()
        self._last = 0

    def keep(self, paged: Paged) -> int:
        """Keep a list for a while; its number is for its tokens."""
        self._last += 1
        self._lists[self._last] = paged
        if len(self._lists) > MAX_PAGED:
            self._lists.popitem(last=False)
        return self._last

    def find(self, number: int) -> Paged | None:
        """A list that is kept yet."""
        if number in self._lists:
            self._lists.move_to_end(number)
        return self._lists.get(number)

    def clear(self) -> None:
        """Keep none of them any more."""
        self._lists.clear()


def list_objects(call: Call, store: ObjectStore, pages: Pages) -> Answer:
    """The objects as one list, their bytes joined as they are stored."""
    options = call.options
    with store.lock:
        if options.token:
            number, start = read_token(options.token)
            paged = pages.find(number)
            if paged is not None and paged.about != call.resource:
                message = f'continue key is not valid: {options.token!r} is that of a list of {paged.about}'
                raise KubernetesBadRequestError(message=message)
            if paged is None:
                raise KubernetesExpiredError(
                    message='The provided continue parameter is too old to display a consistent list result. '
                    'List anew, without it.'
                )
        else:
            number, start = 0, 0
            raws = [state.raw for _, state in call.selection.find(store, call.resource)]
            paged = Paged(call.resource, store.revision, raws, counted=not call.selection.selective)
        end = len(paged.raws) if options.limit is None else start + options.limit
        remaining = max(0, len(paged.raws) - end)
        metadata: JSONObject = {'resourceVersion': str(paged.revision)}
        if remaining:
            metadata['continue'] = make_token(number or pages.keep(paged), end)
            if paged.counted:
                metadata['remainingItemCount'] = remaining
    page = paged.raws if not start and not remaining else paged.raws[start:end]
    return answer_raw(join(call, metadata, page))


def join(call: Call, metadata: JSONObject, raws: list[bytes]) -> bytes:
    """A list of objects that are encoded already."""
    head = encode({'kind': f'{call.kind}List', 'apiVersion': call.api_version, 'metadata': metadata})
    return b'%b,"items":[%b]}' % (head[:-1], b','.join(raws))


def make_token(number: int, start: int) -> str:
    """The token for what follows on a list that is kept."""
    return base64.urlsafe_b64encode(b'%d/%d' % (number, start)).rstrip(b'=').decode('ascii')


def read_token(token: str) -> tuple[int, int]:
    """The number of a list that is kept, and where to go on; a bad request if it is no token of ours."""
    try:
        text = base64.urlsafe_b64decode(token + '=' * (-len(token) % 4)).decode('ascii')
    except ValueError:
        text = ''
    parts = _parse_token(text)
    if parts is None:
        message = f'continue key is not valid: {token!r} is none that a list has given'
        raise KubernetesBadRequestError(message=message)
    return int(parts[1]), int(parts[2])


_parse_token = re.compile(r'([0-9]{1,20})/([0-9]{1,20})').fullmatch
