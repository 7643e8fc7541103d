# Each target sets up what it needs, and nothing more; what is there already is left alone.
# Downloads and builds are kept in $(STREAMMONITOR_CACHE), outside the tree.

cache_home := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
export STREAMMONITOR_CACHE := $(or $(STREAMMONITOR_CACHE),$(cache_home)/streammonitor)

node := node_modules/node/bin/node
# What the set-up fetches (S3 server, promtool, Alertmanager) and Node 24 for everything started below.
with_tools := PATH="$(CURDIR)/node_modules/node/bin:$(STREAMMONITOR_CACHE)/bin:$$PATH"

# Length of `make demo` in seconds; without it the demo runs until Ctrl-C.
SECONDS ?=
# Arguments of `make bench`, such as BENCH='--media DIR --json FILE'.
BENCH ?=

# Arguments of `make image`, such as IMAGE='registry.example/streammonitor:0.1.0'.
IMAGE ?=

.PHONY: help demo test e2e bench lint generate image sbom setup-npm setup-demo setup-ffmpeg
.DEFAULT_GOAL := help

help:
	@echo 'make demo                watch live streams with injected defects, until Ctrl-C'
	@echo 'make demo SECONDS=120    the same for two minutes; fails if a defect was missed or a false one raised'
	@echo 'make test                lint, unit and integration tests, with all they need'
	@echo 'make e2e                 install the chart on a real cluster on this machine, and use it; Docker, or root'
	@echo 'make image               build the image, with Docker or without; IMAGE=NAME:TAG names it'
	@echo 'make sbom                the same, and its bill of materials in sbom.cdx.json'
	@echo 'make lint                formatting, lint rules and types only'
	@echo 'make bench               CPU of watching against decoding, ffmpeg filters and services with a bucket'
	@echo 'make generate            write the generated files anew: CRD, detector catalogue, reference, kernels'

demo: setup-npm setup-demo
	@$(with_tools) $(node) test/demo/demo.ts $(SECONDS)

test: setup-npm
	@$(with_tools) $(node) test/run.ts

e2e: setup-npm
	@test/setup/e2e.sh
	@$(with_tools) $(node) test/e2e/run.ts

image:
	@image/build.sh $(IMAGE)

sbom:
	@image/build.sh --sbom sbom.cdx.json $(IMAGE)

bench: setup-npm setup-ffmpeg
	@$(with_tools) $(node) test/bench/bench.ts $(BENCH)

lint: setup-npm
	@$(with_tools) npm run --silent lint

generate: setup-npm
	@$(with_tools) npm run --silent generate

setup-npm:
	@test/setup/npm.sh

setup-ffmpeg:
	@test/setup/debian.sh ffmpeg=ffmpeg

setup-demo: setup-ffmpeg
	@test/setup/versitygw.sh >/dev/null || echo 'set-up: no S3 server can be started; the demo stores its results in a folder'
