// Package protocol is the wire format between tuned and an architecture: architecture.proto and the code generated from it.
//
// The .proto file is public API. Fields are added, never renumbered or given another meaning; readers ignore what they do
// not know. Package plugins turns these messages into trainer/model's types and back: nothing else should need them.
package protocol

//go:generate sh -c "protoc --plugin=protoc-gen-go=$(go tool -n protoc-gen-go) --plugin=protoc-gen-go-grpc=$(go tool -n protoc-gen-go-grpc) --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative architecture.proto"
