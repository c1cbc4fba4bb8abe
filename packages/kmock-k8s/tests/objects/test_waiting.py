"""Waiting until objects are as a test wants them."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from kmock_core.errors import WaitTimeoutError
from kmock_k8s import Object, ObjectsArray


@pytest.fixture
def objects() -> ObjectsArray:
    return ObjectsArray()


@pytest.fixture
def pod(objects: ObjectsArray) -> Object:
    return objects['v1/pods', 'ns', 'p']


async def test_what_is_there_already_is_not_waited_for(pod: Object) -> None:
    pod.create({'status': {'phase': 'Running'}, 'spec': {}})
    assert await pod.wait({'status': {'phase': 'Running'}}, timeout=0) is pod


async def test_an_object_is_waited_for_until_it_has_all_of_a_pattern(pod: Object) -> None:
    waiting = asyncio.create_task(pod.wait({'status': {'phase': 'Running'}}))
    await asyncio.sleep(0)
    pod.create({'status': {'phase': 'Pending'}})
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    pod['status']['phase'] = 'Running'
    assert await waiting is pod


async def test_without_a_pattern_an_object_is_waited_for_until_it_is_there(pod: Object) -> None:
    waiting = asyncio.create_task(pod.wait())
    await asyncio.sleep(0)
    pod.create({})
    await waiting


async def test_a_function_says_what_is_waited_for(objects: ObjectsArray, pod: Object) -> None:
    pod.create({})
    gone = asyncio.create_task(pod.wait(lambda: pod.deleted))
    few = asyncio.create_task(objects['v1/pods'].wait(lambda: len(objects) == 2))
    await asyncio.sleep(0)
    objects['v1/secrets', 'ns', 's'] = {}
    await few
    assert not gone.done()
    pod.delete()
    await gone


async def test_several_objects_are_waited_for(objects: ObjectsArray, pod: Object) -> None:
    waiting = asyncio.create_task(objects['v1/pods', 'ns'].wait([{'n': 1}, {'n': 2}]))
    await asyncio.sleep(0)
    pod.create({'n': 2})
    objects['v1/pods', 'ns', 'q'] = {'n': 1}
    assert list(await waiting) == [('v1/pods', 'ns', 'p'), ('v1/pods', 'ns', 'q')]


async def test_changes_in_other_threads_count(pod: Object) -> None:
    waiting = asyncio.create_task(pod.wait({'n': 1}))
    await asyncio.sleep(0)
    await asyncio.to_thread(pod.create, {'n': 1})
    await waiting


def test_a_thread_waits_for_what_another_one_does(objects: ObjectsArray, pod: Object) -> None:
    class Noticed(dict[str, Any]):
        """A pattern that tells when it is looked at."""

        def items(self) -> Any:
            looked.set()
            return super().items()

    looked = threading.Event()

    def change() -> None:
        looked.wait(5)
        pod['n'] = 1

    pod.create({'n': 0})
    thread = threading.Thread(target=change)
    thread.start()
    assert pod.wait_sync(Noticed(n=1)) is pod
    assert objects.wait_sync([{'n': 1}], timeout=0) is objects
    thread.join()


async def in_the_loop(pod: Object, wanted: Any) -> None:
    await pod.wait(wanted, timeout=0.01)


async def in_a_thread(pod: Object, wanted: Any) -> None:
    await asyncio.to_thread(pod.wait_sync, wanted, timeout=0.01)


@pytest.mark.parametrize('wait', [in_the_loop, in_a_thread])
async def test_waiting_in_vain_tells_what_is_there(pod: Object, wait: Callable[..., Any]) -> None:
    pod.create({'n': 1})
    told = r"^waited in vain for >= {'n': 2}, for 0.01 s; .* Object\({'n': 1}\)\n  \.n is 1, not 2$"
    with pytest.raises(WaitTimeoutError, match=told):
        await wait(pod, {'n': 2})

    def is_late() -> bool:
        return False

    with pytest.raises(WaitTimeoutError, match=r'is_late.* to be true'):
        await wait(pod, is_late)


async def test_an_error_of_the_function_is_for_who_waits(objects: ObjectsArray, pod: Object) -> None:
    waiting = asyncio.create_task(pod.wait(lambda: pod['n'] == 1 if objects else False))
    await asyncio.sleep(0)
    pod.create({})
    with pytest.raises(KeyError, match='n'):
        await waiting


async def test_nobody_is_told_after_the_waiting_has_ended(objects: ObjectsArray, pod: Object) -> None:
    looks: list[int] = []

    def look() -> bool:
        looks.append(1)
        return 'n' in pod

    pod.create({'n': 1})
    await pod.wait(look)
    pod.wait_sync(look)
    pod['n'] = 2
    await asyncio.sleep(0)
    assert len(looks) == 2


async def test_an_object_that_is_stored_nowhere_is_not_waited_for() -> None:
    with pytest.raises(TypeError, match='is stored nowhere, so nobody changes it'):
        await Object({}).wait({'n': 1})
