# Real SDK clients and servers, and the conformance suite, through Envoy with the guard.

.PHONY: test-sdk test-conformance

test-sdk: build tools-envoy tools-sdk ## Test with the Python, TypeScript and Rust SDKs
	$(PYTEST) tests/sdk

test-conformance: build tools-envoy tools-conformance ## Compare the MCP conformance suite with and without the guard
	$(PYTEST) tests/conformance
