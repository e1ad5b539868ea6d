//go:build !amd64

package kernel

const hasHalves = false
