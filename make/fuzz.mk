# libFuzzer on the pinned stable toolchain; fuzz/.cargo/config.toml holds the compiler's flags.
# Needed on the machine: a C++ compiler (of build-essential, say), for libFuzzer itself.

FUZZ_TARGETS := $(sort $(basename $(notdir $(wildcard fuzz/targets/*.rs))))
FUZZ_BUILD := fuzz/target

TARGET ?= decision
SECONDS ?= 60
FUZZ_SMOKE_SECONDS ?= 10
FUZZ_FLAGS ?=

.PHONY: fuzz fuzz-build fuzz-lock fuzz-smoke $(addprefix fuzz-smoke-,$(FUZZ_TARGETS))

fuzz: fuzz-build ## Fuzz one target: TARGET=sse SECONDS=600
	$(call fuzz_run,$(TARGET),$(SECONDS))

fuzz-smoke: fuzz-build ## Fuzz every target for ten seconds
	@$(MAKE) --jobs 2 $(addprefix fuzz-smoke-,$(FUZZ_TARGETS))

$(addprefix fuzz-smoke-,$(FUZZ_TARGETS)): fuzz-smoke-%: fuzz-build
	$(call fuzz_run,$*,$(FUZZ_SMOKE_SECONDS))

# A build below fuzz/ reads fuzz/.cargo/config.toml; RUSTFLAGS in the environment would replace it.
fuzz-build: toolchain
	@command -v $(or $(CXX),c++) >/dev/null || { echo "fuzzing needs a C++ compiler"; exit 1; }
	cd fuzz && env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR=target cargo build --locked --quiet --release --bins

fuzz-lock: toolchain ## Lock the fuzzers to the versions in Cargo.lock, after these changed
	cp Cargo.lock fuzz/Cargo.lock
	cd fuzz && cargo metadata --format-version 1 >/dev/null

# What is found stays in fuzz/target; the seeds are only read. An input that fails is written to
# fuzz/regressions, which `cargo test` replays, so that it fails there until it is mended.
define fuzz_run
	@mkdir -p $(FUZZ_BUILD)/corpus/$(1) fuzz/regressions/$(1)
	@echo "fuzzing $(1) for $(2) s"
	@$(FUZZ_BUILD)/$$(rustc -vV | sed -n 's/^host: //p')/release/$(1) \
		-max_total_time=$(2) -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
		-artifact_prefix=fuzz/regressions/$(1)/ $(FUZZ_FLAGS) \
		$(FUZZ_BUILD)/corpus/$(1) fuzz/corpus/$(1) >$(FUZZ_BUILD)/$(1).log 2>&1 \
		|| { tail -n 50 $(FUZZ_BUILD)/$(1).log; exit 1; }
	@sed -n 's/^stat::number_of_executed_units: */  inputs: /p' $(FUZZ_BUILD)/$(1).log
endef
