# The benchmark. Its crates are workspaces of their own; the orchestrator needs nothing but Python.

ROUNDS ?= 5
# Of every cell of every round.
BENCH_SECONDS ?= 2
# See `python3 -m bench.run --help`: --plaintext, --variants …
BENCH_OPTIONS ?=
BENCH_TARGET := bench/target
BENCH_CARGO := --quiet --release --locked --target-dir $(BENCH_TARGET)

BENCH_APPROVAL := $(BENCH_TARGET)/wasm32-unknown-unknown/release/approval_bench.wasm

.PHONY: bench bench-approval bench-smoke bench-tools bench-lint

bench: build bench-tools tools-envoy ## Measure what the guard costs (about 9 minutes with ROUNDS=5; nothing else may run)
	$(PYTHON) -m bench.run --rounds $(ROUNDS) --seconds $(BENCH_SECONDS) $(BENCH_OPTIONS)

bench-smoke: build bench-lint bench-tools tools-envoy ## Check that everything that is benchmarked answers right
	cargo test $(BENCH_CARGO) --manifest-path bench/load/Cargo.toml
	$(PYTHON) -m bench.run --smoke

bench-approval: toolchain ## Time the verification of approvals in V8 (needs Node)
	cargo build $(BENCH_CARGO) --manifest-path bench/approval/Cargo.toml --target wasm32-unknown-unknown
	node bench/approval/run.mjs $(BENCH_APPROVAL)

bench-tools: toolchain
	cargo build $(BENCH_CARGO) --manifest-path bench/load/Cargo.toml
	cargo build $(BENCH_CARGO) --manifest-path bench/noop-filter/Cargo.toml --target wasm32-wasip1

bench-lint: toolchain
	cargo fmt --check --manifest-path bench/load/Cargo.toml
	cargo fmt --check --manifest-path bench/noop-filter/Cargo.toml
	cargo clippy $(BENCH_CARGO) --manifest-path bench/load/Cargo.toml --all-targets
	cargo clippy $(BENCH_CARGO) --manifest-path bench/noop-filter/Cargo.toml --target wasm32-wasip1
	cargo fmt --check --manifest-path bench/approval/Cargo.toml
	cargo clippy $(BENCH_CARGO) --manifest-path bench/approval/Cargo.toml --target wasm32-unknown-unknown
