package main

import (
	"fmt"

	"tuned/plugins/builtin"
	"tuned/plugins/host"
)

// builtins are the architectures that are part of tuned.
type builtins struct{}

func (builtins) Names() []string { return builtin.Names() }

func (builtins) Lookup(name string) (host.Program, error) {
	if _, ok := builtin.Lookup(name); !ok {
		return host.Program{}, fmt.Errorf("no architecture is called %q", name)
	}
	return host.Self(name), nil
}
