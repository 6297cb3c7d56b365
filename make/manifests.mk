# The objects that the compiler emits, before those who judge them in a cluster: their schemas
# (Python alone), and a Kubernetes API server, istioctl, Helm and Prometheus, built from Go's module proxy.

GO ?= go
GO_JOBS ?= 2
GO_MODULES := tests/manifests/go
GO_BIN := $(TOOLS)/go/bin
GO_BUILD = CGO_ENABLED=0 GOWORK=off $(GO) build -mod=readonly -buildvcs=false -trimpath -p $(GO_JOBS)
go_stamp = $(TOOLS)/go/.$(1)
# The version of a module that a go.mod asks for.
go_version = $(shell sed -n 's|^.*$(2) v\([0-9.]*\)\( // indirect\)*$$|\1|p' $(GO_MODULES)/$(1)/go.mod | head -n 1)

KUBERNETES_VERSION = $(call go_version,kubernetes,k8s.io/kubernetes)
ISTIO_VERSION = $(call go_version,istio,=> istio.io/api)
HELM_VERSION = $(call go_version,helm,helm.sh/helm/v3)
# What `kubectl version` and the API server say of themselves, without which they say v0.0.0.
KUBERNETES_MAJOR = $(word 1,$(subst ., ,$(KUBERNETES_VERSION)))
KUBERNETES_MINOR = $(word 2,$(subst ., ,$(KUBERNETES_VERSION)))
KUBERNETES_FLAGS = -X k8s.io/component-base/version.gitVersion=v$(KUBERNETES_VERSION) \
	-X k8s.io/component-base/version.gitMajor=$(KUBERNETES_MAJOR) \
	-X k8s.io/component-base/version.gitMinor=$(KUBERNETES_MINOR)
# Helm without a cluster takes it for a Kubernetes 1.20 unless its build says otherwise.
HELM_FLAGS = -X helm.sh/helm/v3/internal/version.version=v$(HELM_VERSION) \
	$(foreach package,chartutil lint/rules,-X helm.sh/helm/v3/pkg/$(package).k8sVersionMajor=$(KUBERNETES_MAJOR) \
	-X helm.sh/helm/v3/pkg/$(package).k8sVersionMinor=$(KUBERNETES_MINOR))

MANIFEST_SCHEMAS := $(TOOLS)/manifest-schemas/.installed
MANIFEST_SCHEMA_TESTS := tests/manifests/test_schemas.py tests/manifests/test_modules.py

.PHONY: manifests test-manifests test-manifest-schemas tools-manifests tools-prometheus tools-manifest-schemas go-present

EXAMPLES := $(dir $(wildcard istio-manifests/*/policy.yaml))

manifests: build ## Compile the worked examples anew
	@for example in $(EXAMPLES); do \
		$(CLI) compile $$example/policy.yaml --deploy $$example/deploy.yaml --out $$example || exit 1; \
	done

test-manifest-schemas: build tools-manifest-schemas ## Check every emitted object against the schemas of Istio and Kubernetes
	$(PYTEST) $(MANIFEST_SCHEMA_TESTS)

test-manifests: go-present build tools-manifest-schemas tools-manifests tools-prometheus tools-envoy ## Give what is emitted to an API server, istioctl, Helm and Prometheus (needs Go)
	$(PYTEST) tests/manifests

tools-manifest-schemas: tools-harness $(MANIFEST_SCHEMAS)

tools-manifests: go-present $(call go_stamp,kubernetes) $(call go_stamp,istio) $(call go_stamp,helm) ## Build the API server, istioctl and Helm (minutes when cold)

tools-prometheus: go-present $(call go_stamp,prometheus) ## Build Prometheus and promtool (minutes when cold)

go-present:
	@command -v $(GO) >/dev/null || { echo "Go 1.21 or newer is needed: see https://go.dev/dl"; exit 1; }

$(MANIFEST_SCHEMAS): tests/manifests/modules.sum tests/manifests/modules.py | tools-harness
	@rm -rf $(@D)
	PYTHONDONTWRITEBYTECODE=1 $(HARNESS_PYTHON) -m tests.manifests.modules $(@D)
	@touch $@

$(call go_stamp,kubernetes): $(GO_MODULES)/kubernetes/go.mod $(GO_MODULES)/kubernetes/go.sum | go-present
	@mkdir -p $(GO_BIN)
	cd $(<D) && $(GO_BUILD) -ldflags "-s -w $(KUBERNETES_FLAGS)" -o $(abspath $(GO_BIN))/ \
		k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl
	cd $(<D) && $(GO_BUILD) -ldflags "-s -w" -o $(abspath $(GO_BIN))/etcd go.etcd.io/etcd/server/v3
	@touch $@

$(call go_stamp,istio): $(GO_MODULES)/istio/go.mod $(GO_MODULES)/istio/go.sum | go-present
	@mkdir -p $(GO_BIN)
	cd $(<D) && $(GO_BUILD) -ldflags "-s -w -X istio.io/istio/pkg/version.buildVersion=$(ISTIO_VERSION)" \
		-o $(abspath $(GO_BIN))/ istio.io/istio/istioctl/cmd/istioctl
	@touch $@

$(call go_stamp,helm): $(GO_MODULES)/helm/go.mod $(GO_MODULES)/helm/go.sum | go-present
	@mkdir -p $(GO_BIN)
	cd $(<D) && $(GO_BUILD) -ldflags "-s -w $(HELM_FLAGS)" \
		-o $(abspath $(GO_BIN))/ helm.sh/helm/v3/cmd/helm
	@touch $@

# Without the service discoveries: they ask clouds, and are much to compile.
$(call go_stamp,prometheus): $(GO_MODULES)/prometheus/go.mod $(GO_MODULES)/prometheus/go.sum | go-present
	@mkdir -p $(GO_BIN)
	cd $(<D) && $(GO_BUILD) -tags remove_all_sd -ldflags "-s -w" -o $(abspath $(GO_BIN))/ \
		github.com/prometheus/prometheus/cmd/prometheus github.com/prometheus/prometheus/cmd/promtool
	@touch $@
