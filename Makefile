.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0
GO ?= go

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: build
build: ## the command, as ./tuned
	$(GO) build -o tuned ./cmd/tuned

# What the tests need besides Go: Debian's packages, installed where they are missing and apt can (as root).
PACKAGES := python3-torch python3-grpcio python3-protobuf python3-optuna chromium

# What the bench compares with.
PEERS := libopenblas0-openmp python3-sklearn python3-pandas python3-xgboost

# Data sets that nobody looked at while the rules were made come with R packages.
R_PACKAGES = r-base-core $(shell cut -f2 bench/unseen/tables.tsv | sed '1d; /^datasets$$/d; s/.*/r-cran-\L&/' | sort -u)

# What is missing of a list of packages.
define install
	@missing=$$(for p in $(1); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "installing" $$missing; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

.PHONY: deps
deps: ## install what the tests need
	$(call install,$(PACKAGES))

.PHONY: test
test: deps check ## what every change must pass: static checks, then all tests
	$(GO) test $(LEAN) ./...
	$(GO) test $(LEAN) -tags portable $(PORTED)

# check has vetted already, and without tables for debuggers linking takes two thirds of the time.
LEAN := -vet=off -ldflags=-w

.PHONY: test-all
test-all: test ## what takes longer: lesser processors, arm64 by emulation, all of it for macOS, the whole of the Python suite, chaos
	GODEBUG=cpu.avx512f=off $(GO) test -count=1 ./trainer/nn/...
	GODEBUG=cpu.avx512f=off,cpu.avx2=off,cpu.fma=off $(GO) test -count=1 ./trainer/nn/...
	$(call install,qemu-user)
	GOARCH=arm64 $(GO) test -count=1 -timeout 60m -exec qemu-aarch64 ./trainer/nn/kernel ./trainer/nn ./trainer/nn/session
	GODEBUG=cpu.asimd=off GOARCH=arm64 $(GO) test -count=1 -run NEON -exec qemu-aarch64 ./trainer/nn/kernel
	for arch in arm64 amd64; do GOOS=darwin GOARCH=$$arch $(GO) vet ./... && GOOS=darwin GOARCH=$$arch $(GO) build -o /dev/null ./cmd/tuned || exit 1; done
	$(GO) test -count=1 -tags portable ./daemon/...
	$(GO) test -count=1 -timeout 30m ./plugins/python -full
	$(MAKE) chaos

.PHONY: chaos
chaos: ## kill the daemon, its plugins and both, over and over (CHAOS=short: a minute)
	CHAOS=$(or $(CHAOS),long) $(GO) test -count=1 -timeout 3h ./daemon/chaos

.PHONY: bench-peers
bench-peers: ## install PyTorch, Optuna and the other peers, and time the engine beside PyTorch
	$(call install,$(PACKAGES) $(PEERS))
	$(GO) run ./bench engine

.PHONY: bench-unseen
bench-unseen: ## write the data sets of bench/unseen to the folder UNSEEN
	$(call install,$(R_PACKAGES))
	Rscript bench/unseen/export.R $(or $(UNSEEN),$(error UNSEEN=FOLDER to write to))

# What has files of its own for macOS. With the tag portable these are built and tested here; of what only macOS builds, the two with few
# imports are vetted at every change, and all by test-all, since that compiles every dependency anew.
PORTED := ./machine ./plugins/host ./plugins/plugintest ./job ./daemon/attempt

# Compilers and checkers end soon: to collect garbage half as often is a seventh of their time.
check: export GOGC := 200
.PHONY: check
check: ## formatting, vet, staticcheck
	@unformatted=$$($(GO) tool gofumpt -l $$(git ls-files '*.go' | grep -v '\.pb\.go$$')); \
	if [ -n "$$unformatted" ]; then echo "gofumpt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	GOOS=darwin GOARCH=arm64 $(GO) vet ./machine ./trainer/nn/kernel
	$(GO) vet -tags portable $(PORTED)
	$(GO) tool staticcheck ./...
	$(GO) tool staticcheck -tags portable $(PORTED)

.PHONY: gen
gen: ## regenerate the protocol and the kernels
	$(GO) generate ./...
