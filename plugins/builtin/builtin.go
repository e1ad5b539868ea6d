// Package builtin is the one place where the architectures that are part of tuned are registered.
package builtin

import (
	"maps"
	"slices"

	"tuned/plugins"
	"tuned/plugins/convnet"
	"tuned/plugins/linear"
	"tuned/plugins/mlp"
	"tuned/plugins/trees"
	"tuned/trainer/model"
)

// all are the built-in architectures by name. A new one needs its line here and nothing else.
var all = map[string]func() plugins.Architecture{
	"convnet": convnet.Architecture,
	"linear":  linear.Architecture,
	"mlp":     mlp.Architecture,
	"trees":   trees.Architecture,
}

// Names lists the built-in architectures, sorted.
func Names() []string { return slices.Sorted(maps.Keys(all)) }

// Lookup finds a built-in architecture by its name.
func Lookup(name string) (model.Architecture, bool) {
	make, ok := all[name]
	if !ok {
		return nil, false
	}
	return make(), true
}
