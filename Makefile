# mcp-guard. `make demo` and `make test` set up all they need.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

TOOLS := .tools
TOOLCHAIN := $(shell sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
FILTER := target/wasm32-wasip1/release/mcp_guard_filter.wasm
CLI := target/release/mcp-guard

# Continuous integration builds once: what would only make the next build quicker is 4 GB there.
ifdef CI
export CARGO_INCREMENTAL := 0
endif

# Nothing is installed behind one's back: the toolchain is, by its stamp, in front of one's eyes.
TOOLCHAIN_STAMP := $(TOOLS)/toolchain-$(TOOLCHAIN)

# What the others name in their prerequisites is defined in the first.
include make/tools.mk $(filter-out make/tools.mk,$(wildcard make/*.mk))

.PHONY: help toolchain build build-filter lint fmt test test-unit test-portable clean

help: ## Show the targets
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{printf "  %-18s %s\n", $$1, $$2}'

toolchain: $(TOOLCHAIN_STAMP)

# An installation in place is left alone: to install it again would take it away from other builds.
$(TOOLCHAIN_STAMP): rust-toolchain.toml
	@command -v rustup >/dev/null || { echo "rustup is needed: see https://rustup.rs"; exit 1; }
	@installed=$$(rustup target list --toolchain $(TOOLCHAIN) --installed 2>/dev/null && \
		rustup component list --toolchain $(TOOLCHAIN) --installed 2>/dev/null) || true; \
	for part in wasm32-wasip1 wasm32-unknown-unknown clippy rustfmt; do \
		[[ "$$installed" == *"$$part"* ]] || missing=1; \
	done; \
	[[ -z "$${missing:-}" ]] || rustup toolchain install $(TOOLCHAIN) --no-self-update --profile minimal \
		--component clippy --component rustfmt --target wasm32-wasip1 --target wasm32-unknown-unknown
	@mkdir -p $(TOOLS) && touch $@

# The profile is the filter's, which must be small and fast; the command line need not be, and is
# built in a third of the time without.
build: build-filter ## Build the filter and the command line
	CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo build --release --locked --quiet -p mcp-guard

build-filter: toolchain
	cargo build --release --locked --quiet -p mcp-guard-filter --target wasm32-wasip1

lint: toolchain ## Check formatting and lints
	cargo fmt --check
	cargo clippy --locked --quiet --all-targets -- -D warnings
	cargo clippy --locked --quiet -p mcp-guard-filter --target wasm32-wasip1 -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps

fmt: toolchain ## Format the code
	cargo fmt

# The order puts what fails fastest first. `.ci/run` calls this, and test-manifests and mesh, which need Go and root.
test: lint test-unit test-portable install-tools test-chart test-manifest-schemas test-wasm test-uri test-envoy test-audit test-compiled test-readme test-sdk test-demo test-conformance fuzz-smoke bench-smoke ## Run every test
	@echo "all tests passed"

test-unit: toolchain ## Unit and property tests, and the cases natively
	cargo test --locked --quiet

test-portable: toolchain ## Engine and compiler build for the browser, too
	cargo build --locked --quiet --target wasm32-unknown-unknown -p mcp-guard-engine -p mcp-guard-compiler

clean: ## Remove what was built
	cargo clean --quiet
	rm -rf bench/target fuzz/target
