# The README's commands, typed as they stand against a server that nobody here wrote.

.PHONY: test-readme

test-readme: build tools-envoy $(call node_stamp,tests/readme/server) ## Type what the README says, from a running server to a refused call
	$(PYTEST) tests/readme
