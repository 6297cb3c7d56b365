# What the compiler writes for Envoy, in a real Envoy with a real client.

.PHONY: test-compiled

test-compiled: build tools-envoy tools-py2 ## Test the compiled configuration of Envoy with a real client
	ENVOY_VERSIONS="$(TESTED_ENVOYS)" $(PYTEST) tests/compiled \
		--numprocesses $(ENVOY_TEST_WORKERS) --dist loadfile
