package kernel

//go:generate go run ./internal/gen -isa avx2 -pkg kernel -out avx2_amd64.s -stubs avx2_amd64.go
//go:generate go run ./internal/gen -isa avx512 -pkg kernel -out avx512_amd64.s -stubs avx512_amd64.go
