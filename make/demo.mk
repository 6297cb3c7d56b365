# The demo, its test, and the same proxy in front of one's own server.

.PHONY: demo demo-proxy test-demo

demo: build tools-envoy tools-py2 ## Watch the guard between a real MCP client and server
	@PYTHONDONTWRITEBYTECODE=1 $(HARNESS_PYTHON) demo/run.py

demo-proxy: build tools-envoy ## Put the guard in front of your own server: CONFIG=file UPSTREAM=port
	@PYTHONDONTWRITEBYTECODE=1 $(HARNESS_PYTHON) demo/proxy.py $(CONFIG) $(UPSTREAM)

test-demo: build tools-envoy tools-py2 ## Test every step of the demo
	$(PYTEST) demo
