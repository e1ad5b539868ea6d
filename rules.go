// Package tuned holds the built-in rulebook, which every run reads last.
package tuned

import _ "embed"

// Rules is the text of rules.toml: the built-in rules, checks and watches.
//
//go:embed rules.toml
var Rules string
