//go:build race

package plugintest

// shadow is what the race detector keeps beside each byte that a process touches, in bytes: 16 of what happened to each 8, and 4 of where
// they came from. An architecture that is the same program as the suite runs under it, too, and can't know to declare that.
const shadow = 2.5
