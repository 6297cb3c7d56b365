"""The benchmark: what the guard costs beside a bare Envoy and beside Envoy's own MCP filter."""
