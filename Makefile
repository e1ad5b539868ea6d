.DEFAULT_GOAL := help
export CGO_ENABLED ?= 0
GO ?= go

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: build
build: ## the command, as ./tuned
	$(GO) build -o tuned ./cmd/tuned

.PHONY: test
test: check ## what every change must pass: static checks, then all tests
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
