# A real mesh on this machine: Kubernetes' API server, istiod, sidecars, a registry. Needs Go, and root
# for network namespaces. tests/mesh/README.md says how it is put together.

MESH := $(TOOLS)/mesh
# That of the Istio release which istiod is built from: 1.31 was released with Envoy 1.39.
export MESH_ENVOY_VERSION ?= 1.39.3
MESH_BOOTSTRAP := $(MESH)/envoy_bootstrap_tmpl.json
# Packages of Debian and Ubuntu, for a machine without iptables: unpacked beside the other tools, not installed.
MESH_IPTABLES_PACKAGES := iptables libip4tc2 libip6tc2 libnetfilter-conntrack3 libnfnetlink0 libnftnl11 libxtables12 libmnl0
MESH_PYTHON := PYTHONPATH=. PYTHONDONTWRITEBYTECODE=1 $(HARNESS_PYTHON)

.PHONY: mesh mesh-shell mesh-mutations tools-mesh mesh-possible

mesh: mesh-possible build tools-mesh ## Attack a real mesh, and say what stopped what (needs Go and root)
	$(PYTEST) tests/mesh

mesh-shell: mesh-possible build tools-mesh ## Leave such a mesh up, with a shell in it
	@$(MESH_PYTHON) -m tests.mesh.shell

mesh-mutations: mesh-possible build tools-mesh ## Take each emitted object and field away, and see a test fail (an hour)
	PYTHONPATH=.:tests PYTHONDONTWRITEBYTECODE=1 $(HARNESS_PYTHON) -m mesh.mutations

mesh-possible:
	@PYTHONPATH=. PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m tests.mesh.tools

tools-mesh: tools-harness tools-py2 $(call venv_stamp,py1) tools-manifests tools-manifest-schemas \
	$(call go_stamp,mesh) $(call envoy_binary,$(MESH_ENVOY_VERSION)) $(MESH_BOOTSTRAP) $(MESH)/.iptables

$(call go_stamp,mesh): $(GO_MODULES)/istio/go.mod $(GO_MODULES)/istio/go.sum | go-present
	@mkdir -p $(GO_BIN)
	cd $(<D) && nice env $(GO_BUILD) -ldflags "-s -w -X istio.io/istio/pkg/version.buildVersion=$(ISTIO_VERSION)" \
		-o $(abspath $(GO_BIN))/ istio.io/istio/pilot/cmd/pilot-discovery istio.io/istio/pilot/cmd/pilot-agent \
		github.com/google/go-containerregistry/cmd/crane
	@touch $@

$(MESH_BOOTSTRAP): $(GO_MODULES)/istio/go.mod | go-present
	@mkdir -p $(@D)
	@cd $(<D) && install -m 644 "$$(GOWORK=off $(GO) list -mod=readonly -m -f '{{.Dir}}' istio.io/istio)/tools/packaging/common/envoy_bootstrap.json" $(abspath $@)

# Where iptables is installed, that one is used.
$(MESH)/.iptables:
	@mkdir -p $(MESH)/iptables/packages
	@command -v iptables-restore >/dev/null || { command -v apt-get >/dev/null || \
		{ echo "the mesh needs iptables: install the package iptables"; exit 1; }; \
		(cd $(MESH)/iptables/packages && apt-get -qq download $(MESH_IPTABLES_PACKAGES)) && \
		for package in $(MESH)/iptables/packages/*.deb; do dpkg-deb -x $$package $(MESH)/iptables; done && \
		for name in iptables ip6tables; do for rest in "" -restore -save; do \
			ln -sf xtables-nft-multi $(MESH)/iptables/usr/sbin/$$name$$rest; done; done; }
	@touch $@
