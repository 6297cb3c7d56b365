"""What judges the emitted Kubernetes and Istio objects.

    schemas      Python alone: the schemas of each supported Istio minor and of Kubernetes
    API server   a real kube-apiserver with that minor's resource definitions: schemas and CEL rules
    istioctl     `validate` and `analyze`
    Helm         the chart's life: lint, template, install, upgrade, rollback, uninstall

The first is `make test-manifest-schemas`, all of them `make test-manifests`. Which objects there are
is said in `objects.py`; that each judge can refuse is shown with `fixtures/refused/`.
"""
