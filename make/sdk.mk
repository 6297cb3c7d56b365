# Real SDK clients and servers, and the conformance suite, through Envoy with the guard.

.PHONY: test-sdk test-conformance sdk-lint

test-sdk: build sdk-lint tools-envoy tools-sdk ## Test with the Python, TypeScript and Rust SDKs
	$(PYTEST) tests/sdk --numprocesses $(ENVOY_TEST_WORKERS)

test-conformance: build tools-envoy tools-conformance ## Compare the MCP conformance suite with and without the guard
	$(PYTEST) tests/conformance

sdk-lint: toolchain
	cargo fmt --check --manifest-path tests/sdk/rust-client/Cargo.toml
	cargo clippy --quiet --locked --manifest-path tests/sdk/rust-client/Cargo.toml --target-dir $(TOOLS)/rust-client -- -D warnings
