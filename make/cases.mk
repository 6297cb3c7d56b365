# The cases, and what only a real Envoy can show. The native run is part of `make test-unit`.

WASM_TESTS := tests/wasm
WASM_TARGET := wasm32-unknown-unknown
WASM_CASES := target/cases.json
# Built from a lock file of our own: that of wasm-bindgen-cli names what a registry may not have.
WASM_RUNNER := $(TOOLS)/wasm-bindgen/debug/mcp-guard-wasm-test-runner
# Most of the time the tests wait for Envoy, so there are more workers than cores.
ENVOY_TEST_WORKERS ?= 3

.PHONY: case-tools test-cases test-wasm test-envoy tools-wasm

test-cases: toolchain ## Run every case with the engine on this machine
	cargo test --locked --quiet -p mcp-guard-tests --test native --test harness

# Cargo builds a package's programs for its tests, too: after `make test-unit` there is nothing to do.
case-tools: toolchain
	cargo test --quiet --locked --no-run --test native

tools-wasm: $(WASM_RUNNER)

test-wasm: $(WASM_RUNNER) case-tools ## Run every case with the engine as Wasm, under Node
	target/debug/cases_json > $(WASM_CASES)
	MCP_GUARD_CASES=$(abspath $(WASM_CASES)) CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$(abspath $(WASM_RUNNER)) \
		cargo test --quiet --locked --manifest-path $(WASM_TESTS)/Cargo.toml --target-dir target/wasm-tests \
		--target $(WASM_TARGET) --test cases | { grep -v ' \.\.\. ok$$' || true; }

# `make test-envoy CASES=tools/denied` runs those alone.
test-envoy: build case-tools tools-envoy tools-harness ## Run the built filter in the newest and the oldest Envoy
	$(PYTEST) tests/envoy --numprocesses $(ENVOY_TEST_WORKERS) --dist loadfile \
		$(if $(CASES),-k "$(CASES)")

$(WASM_RUNNER): $(wildcard $(WASM_TESTS)/runner/Cargo.* $(WASM_TESTS)/runner/src/*.rs) | toolchain
	cargo build --quiet --locked --manifest-path $(WASM_TESTS)/runner/Cargo.toml --target-dir $(TOOLS)/wasm-bindgen
	@touch $@
