# The audit log: complete, as its schema says, the same in every sink, and without secrets.

.PHONY: test-audit

test-audit: build-filter tools-envoy tools-harness ## Rebuild ten thousand calls from the audit log, and look for the record and for secrets in every sink
	$(PYTEST) tests/audit
