# Resource URIs: what the engine accepts must mean the same to everyone who resolves it.

.PHONY: test-uri

# 100,000 is the least that may be generated; the rest is margin.
URI_COUNT ?= 120000
URI_SEED ?= 20261120
URI_PYTHON = PYTHONDONTWRITEBYTECODE=1 $(PYTHON)
URI_CORPUS := target/uri-corpus

test-uri: case-tools ## Test that accepted URIs stay under their root in Python, Node and Rust
	test $(URI_COUNT) -ge 100000
	cargo test --quiet --locked --test uri
	target/debug/uri_corpus $(URI_COUNT) $(URI_SEED) > $(URI_CORPUS)
	$(URI_PYTHON) tests/uri/resolve.py < $(URI_CORPUS)
	node tests/uri/resolve.mjs < $(URI_CORPUS)
	target/debug/uri_corpus characters > $(URI_CORPUS)
	$(URI_PYTHON) tests/uri/characters.py < $(URI_CORPUS)
