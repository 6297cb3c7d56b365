"""What the tests in a real Envoy share: where things are installed, processes, Envoy itself."""
