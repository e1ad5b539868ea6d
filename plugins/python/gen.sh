#!/bin/sh
# Regenerates the protocol's Python code. Needs protoc 3.20 to 3.21, whose output runs on every protobuf since 3.20
# (on Debian 12: apt-get install protobuf-compiler).
set -eu
cd "$(dirname "$0")"
protoc -I ../protocol --python_out=tuned_plugin architecture.proto
