"""How far a server of the Kubernetes API answers as a real one: recorded scenarios, replayed and compared step by step.

``recordings/NAME.jsonl`` were recorded from a kube-apiserver v1.36.2 with etcd: RBAC on, the admission of service
accounts off; those of ``kcm-*`` with the controller manager running. The first line describes the scenario; each other
line is one step: what is sent, and what was answered. What differs from run to run is a placeholder in the answers,
which keeps relations: ``<uid:1>``, ``<rv:3>`` (numbered by age), ``<ts:1>``, generated names, tokens of pages.

    python dev.py conformance                               all of them, against `kmock.KubernetesCluster`
    python dev.py conformance --show 3 cm-create patch-*    some of them, with the first differences of each
    python dev.py conformance --kubeconfig FILE             against a real cluster
    python dev.py conformance --raise                       raise the floors below which the tests do not let it fall
    python dev.py conformance --page                        write the page of the documentation; --raise does it, too
"""
