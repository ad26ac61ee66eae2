# Everything a user or CI runs. On a fresh Debian machine with Rust each target installs what it needs.

# Two cores: one build at a time, and no debug information of dependencies (Cargo.toml).
CARGO ?= cargo
TOOLS := target/tools
DENY_VERSION := 0.20.2

.PHONY: demo test setup format lint docs licences unit install clean

# The main job against a mock fleet of 24 devices: real SSH on loopback addresses, a run folder under ./slaudit-runs.
demo: setup
	$(CARGO) build --workspace --bins
	mock-device/demo.sh

# All checks, fast ones first.
test: setup format lint docs licences unit demo

setup:
	.ci/setup

# All tracked files: the fuzz targets are no member of the workspace.
format:
	git ls-files '*.rs' | xargs rustfmt --edition 2024 --check

lint:
	$(CARGO) clippy --workspace --all-targets -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items

# The advisory database needs the network and is left out.
licences: $(TOOLS)/bin/cargo-deny
	$(TOOLS)/bin/cargo-deny check licenses bans sources

$(TOOLS)/bin/cargo-deny:
	$(CARGO) install --locked --debug cargo-deny --version $(DENY_VERSION) --root $(TOOLS)

# Generated files (RULES.md, snapshots) are compared here; `make fresh` writes them again.
unit:
	$(CARGO) test --workspace

.PHONY: fresh
fresh:
	SLAUDIT_UPDATE=1 INSTA_UPDATE=always $(CARGO) test --workspace

.PHONY: test-reports
test-reports: setup
	$(CARGO) test --test spreadsheets

# How long reading, judging and writing take.
.PHONY: bench
bench: setup
	$(CARGO) bench --bench read_and_judge

# A minute a target, on the stable toolchain. libFuzzer is C++.
FUZZ_VERSION := 0.13.2
FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: setup $(TOOLS)/bin/cargo-fuzz
	.ci/setup g++
	set -e; for target in parsers decoder splitter slac; do \
	    PATH="$(CURDIR)/$(TOOLS)/bin:$$PATH" $(CARGO) fuzz run --sanitizer none $$target -- \
	        -max_total_time=$(FUZZ_SECONDS) -timeout=5 -max_len=16384; \
	done

$(TOOLS)/bin/cargo-fuzz:
	$(CARGO) install --locked --debug cargo-fuzz --version $(FUZZ_VERSION) --root $(TOOLS)

# The binary for daily use, into ~/.cargo/bin.
install: setup
	$(CARGO) install --locked --path .
