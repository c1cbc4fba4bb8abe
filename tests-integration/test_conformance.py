"""The cluster answers as a real kube-apiserver did, at least as far as it once did."""

import pytest

from conformance import floors
from conformance.judging import judge
from conformance.recordings import load
from conformance.replay import PATIENT, QUICK
from conformance.targets import served

FLOORS = floors.read()

# No floors, no tests: they begin with `python dev.py conformance --raise`.
if FLOORS:

    @pytest.mark.parametrize('name', FLOORS)
    def test_the_cluster_agrees_with_the_recordings_as_far_as_it_did(name: str) -> None:
        complaint: str | None = None
        for pace in (QUICK, PATIENT):  # the second time is for what haste has spoilt on a busy machine
            complaint = floors.complaint(FLOORS[name], judge(load(name), served(scenario=name), pace))
            if complaint is None:
                break
        if complaint is not None:
            pytest.fail(complaint, pytrace=False)
