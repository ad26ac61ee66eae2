# Everything a user or CI runs. On a fresh Debian machine with Rust each target installs what it needs.

# Two cores: one build at a time, and no debug information of dependencies (Cargo.toml).
CARGO ?= cargo
# Development and tests link with the system's OpenSSL. What people get has its own: it runs on every Linux of the architecture.
RELEASE := --locked --features bundled-openssl
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
	$(CARGO) clippy --workspace --all-targets --test readers -- -D warnings

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

# How long whole audits take, and reading, judging and writing, with the OpenSSL that people get: half of an audit is spent there.
# FLEET chooses cases: FLEET=1000-c1000.
.PHONY: bench bench-fleet
bench: bench-fleet
	$(CARGO) bench $(RELEASE) --bench read_and_judge

bench-fleet: setup
	.ci/setup bundled-openssl
	$(CARGO) build $(RELEASE) --release --workspace --bins
	$(CARGO) bench $(RELEASE) --bench fleet -- $(FLEET)

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

# The Debian package, under target/package. cargo-deb takes what is built; the binary itself writes its pages and completions.
DEB_VERSION := 3.8.0
PACKAGE := target/package
.PHONY: package
package: $(TOOLS)/bin/cargo-deb
	.ci/setup bundled-openssl dpkg-shlibdeps=dpkg-dev
	$(CARGO) build $(RELEASE) --release --bin slaudit
	rm -rf $(PACKAGE)
	mkdir -p $(PACKAGE)/completions
	target/release/slaudit man --out $(PACKAGE)/man
	target/release/slaudit completions bash >$(PACKAGE)/completions/slaudit
	target/release/slaudit completions zsh >$(PACKAGE)/completions/_slaudit
	target/release/slaudit completions fish >$(PACKAGE)/completions/slaudit.fish
	contrib/third-party.sh >$(PACKAGE)/THIRD-PARTY.txt
	$(TOOLS)/bin/cargo-deb --no-build --locked --output $(PACKAGE)

$(TOOLS)/bin/cargo-deb:
	$(CARGO) install --locked --debug cargo-deb --version $(DEB_VERSION) --no-default-features --root $(TOOLS)

# What people get: the release binary in the demo, and with the programs that read what it writes, the page, the workbook and the
# CSV files, metrics, the package, units, alerts and man pages.
.PHONY: test-reports
test-reports: package
	.ci/setup development chromium soffice=libreoffice-calc promtool=prometheus man=man-db systemd-analyze=systemd
	$(CARGO) build --workspace --bins
	mock-device/demo.sh target/release/slaudit
	PACKAGE_UNDER_TEST="$$(ls $(CURDIR)/$(PACKAGE)/*.deb)" $(CARGO) test --test readers

# The binary for daily use, into ~/.cargo/bin.
install:
	.ci/setup bundled-openssl
	$(CARGO) install $(RELEASE) --path .
