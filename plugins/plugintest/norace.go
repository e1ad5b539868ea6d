//go:build !race

package plugintest

// shadow is what is kept beside each byte that a process touches: nothing, without the race detector.
const shadow = 0
