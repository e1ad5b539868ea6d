package builtin

import (
	"testing"
)

func TestEveryArchitectureIsRegisteredUnderItsOwnName(t *testing.T) {
	for _, name := range Names() {
		a, ok := Lookup(name)
		if !ok {
			t.Fatalf("%s is listed and not found", name)
		}
		m, err := a.Describe(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if m.Name != name {
			t.Errorf("%s is registered under the name %s", m.Name, name)
		}
	}
	if _, ok := Lookup("nothing"); ok {
		t.Error("an unknown name is found")
	}
}
