# What CI takes: a static binary, and an image of it as an OCI layout, without Docker. The same
# sources give the same bytes.

DIST := target/dist
DIST_TARGET ?= x86_64-unknown-linux-musl
DIST_BINARY := $(DIST)/mcp-guard-$(DIST_TARGET)
DIST_LAYOUT := $(DIST)/image
# Where sources and registry lie is not to show in the binary.
DIST_FLAGS := --remap-path-prefix=$(CURDIR)=/src --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=/cargo

.PHONY: dist test-dist dist-toolchain

dist: $(DIST_BINARY) ## Build the static binary and its OCI image layout
	$(PYTHON) make/oci_layout.py $(DIST_BINARY) $(DIST_TARGET) $(DIST_LAYOUT)

test-dist: dist ## Check that the binary is static, and that building again changes nothing
	$(PYTHON) make/oci_layout.py $(DIST_BINARY) $(DIST_TARGET) $(DIST_LAYOUT).again
	diff -r $(DIST_LAYOUT) $(DIST_LAYOUT).again && rm -rf $(DIST_LAYOUT).again
	! readelf --program-headers $(DIST_BINARY) | grep -q INTERP
	$(DIST_BINARY) --version

# The only C in it is ring's, which needs no C library: any compiler for the machine will do.
.PHONY: $(DIST_BINARY)
$(DIST_BINARY): dist-toolchain
	CC_$(subst -,_,$(DIST_TARGET))="$(or $(DIST_CC),cc)" CARGO_ENCODED_RUSTFLAGS="$$(printf '%s\x1f%s' $(DIST_FLAGS))" \
		cargo build --release --locked --quiet -p mcp-guard --target $(DIST_TARGET)
	@mkdir -p $(DIST)
	cp "$${CARGO_TARGET_DIR:-target}/$(DIST_TARGET)/release/mcp-guard" $@

dist-toolchain: toolchain
	@rustup target list --toolchain $(TOOLCHAIN) --installed | grep -qx $(DIST_TARGET) || \
		rustup target add --toolchain $(TOOLCHAIN) $(DIST_TARGET)
