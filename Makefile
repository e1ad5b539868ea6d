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

.PHONY: deps
deps: ## install what the tests need
	@missing=$$(for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		echo "installing" $$missing; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

.PHONY: test
test: deps check ## what every change must pass: static checks, then all tests
	$(GO) test ./...

.PHONY: check
check: ## formatting, vet, staticcheck
	@unformatted=$$($(GO) tool gofumpt -l $$(git ls-files '*.go' | grep -v '\.pb\.go$$')); \
	if [ -n "$$unformatted" ]; then echo "gofumpt would change:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

.PHONY: gen
gen: ## regenerate the protocol and the kernels
	$(GO) generate ./...
