package job

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"tuned"
	"tuned/heuristics"
	"tuned/trainer"
	"tuned/trainer/model"
	"tuned/words"
)

// Rules is a file of rules that come before the built-in ones; the zero value is none.
type Rules struct{ File, Text string }

// ReadRules reads a file of rules; an empty path is no file.
func ReadRules(path string) (Rules, error) {
	if path == "" {
		return Rules{}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Rules{}, &Error{Path: path, Problem: "the rules cannot be read", Hint: "name a file of rules of your own, or leave --rules out", Err: err}
	}
	return Rules{File: path, Text: string(text)}, nil
}

// Rulebook loads the rules for an architecture, the user's file before all others. installed are the names of all
// architectures, whose settings the user's file may name, too.
func Rulebook(m model.Manifest, installed []string, user Rules) (*heuristics.Book, error) {
	catalogue, err := catalogueOf(m, installed)
	if err != nil {
		return nil, err
	}
	book, err := heuristics.Load(catalogue, layers(m, user)...)
	if err != nil {
		return nil, err // it begins with the place
	}
	return book, nil
}

// catalogueOf is what rules for an architecture can name.
func catalogueOf(m model.Manifest, installed []string) (*heuristics.Catalogue, error) {
	others := slices.DeleteFunc(slices.Clone(installed), func(name string) bool { return name == m.Name })
	return heuristics.Common().WithArchitecture(m.Name, declared(m.Settings), others...)
}

// layers are the files of rules in force, highest first.
func layers(m model.Manifest, user Rules) []heuristics.Layer {
	var out []heuristics.Layer
	if user.Text != "" {
		out = append(out, heuristics.Layer{Name: "user", File: user.File, Text: user.Text})
	}
	if m.Rules != "" || len(m.Settings) > 0 { // settings without rules are the author's to put right
		out = append(out, heuristics.Layer{Name: "architecture", File: m.Name + "/rules.toml", Text: m.Rules})
	}
	if !m.Averages && len(m.Tasks) > 0 { // a manifest that says so; it may be that none is known yet
		out = append(out, heuristics.Layer{Name: "architecture", File: m.Name + "'s manifest", Text: fmt.Sprintf(unaveraged, m.Name)})
	}
	return append(out, heuristics.Layer{Name: "built-in", File: "rules.toml", Text: tuned.Rules})
}

// unaveraged follows from what an architecture says of itself: nobody asks it for averages of its weights. %s is its name.
const unaveraged = `[[rule]]
id     = "%s.averages.none"
set    = "averages"
to     = "''"
why    = "The architecture keeps no averages of its weights."
source = "Its manifest"
`

// declared are an architecture's settings as the rules know them.
func declared(settings []model.Setting) []heuristics.Setting {
	out := make([]heuristics.Setting, len(settings))
	for i, s := range settings {
		out[i] = heuristics.Setting{
			Name: s.Name, Type: heuristics.Type(s.Type), Unit: s.Unit, Min: s.Min, Max: s.Max, Choices: s.Choices, Help: s.Help,
		}
	}
	return out
}

// pins are what the job fixes: an architecture that it names is one more.
func (j *Job) pins() map[string]any {
	pins := maps.Clone(j.Pin)
	if j.Model.Architecture != "" {
		if pins == nil {
			pins = map[string]any{}
		}
		pins["architecture"] = j.Model.Architecture
	}
	return pins
}

// checkPins refuses a value that a setting of the catalogue cannot have, and a pin of no setting that would have to be in it.
func (j *Job) checkPins(c *heuristics.Catalogue, belongs func(name string) bool) error {
	var known []string
	for _, s := range c.Settings() {
		known = append(known, s.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(j.Pin)) {
		key := []string{"pin", name}
		switch isKnown := slices.Contains(known, name); {
		case !isKnown && belongs(name):
			return j.at(key, "names no setting", hintOfPin(name, known, c))
		case !isKnown:
			continue
		}
		if err := acceptPin(c, name, j.Pin[name]); err != nil {
			return j.at(key, "cannot be set: "+err.Error(), "")
		}
	}
	return nil
}

// acceptPin refuses what the setting cannot be, also where a text has a form of its own.
func acceptPin(c *heuristics.Catalogue, name string, v any) error {
	accepted, err := c.Accept(name, v)
	if err != nil {
		return err
	}
	if text, ok := accepted.(string); ok {
		return trainer.CheckText(name, text)
	}
	return nil
}

// hintOfPin is what was meant by a pin of no setting, or where it belongs. All settings would be a page.
func hintOfPin(name string, known []string, c *heuristics.Catalogue) string {
	if group, _, dotted := strings.Cut(name, "."); dotted && c.IsOther(group) {
		return fmt.Sprintf("it would be a setting of %q, and %q learns here", group, c.Architecture())
	}
	if home := homeOf(name, "pin"); home != "" {
		return "it belongs under [" + home + "]"
	}
	if name == "seed" {
		return "it is given to the command: --seed"
	}
	return cmp.Or(words.DidYouMean(name, known), "tuned rules show lists the settings")
}

// checkCommonPins checks those of settings that jobs of all architectures have; those of one alone have a dot in their names.
func (j *Job) checkCommonPins() error {
	return j.checkPins(heuristics.Common(), func(name string) bool { return !strings.Contains(name, ".") })
}

// describe asks an architecture what it is, once.
func (r *run) describe(ctx context.Context, name string) error {
	if r.manifest.Name == name {
		return nil
	}
	key := []string{"model", "architecture"}
	if installed := r.options.Architectures.Names(); !slices.Contains(installed, name) {
		return r.job.at(key, fmt.Sprintf("%q is not installed", name), didYouMean(name, installed))
	}
	a, err := r.start(ctx, name)
	if err != nil {
		return err
	}
	defer r.endOthers()
	m, err := a.Describe(ctx)
	if err != nil {
		return cannotStart(name, err)
	}
	if !slices.Contains(m.Tasks, r.table.Task) {
		return r.job.at(key, fmt.Sprintf("%q does not learn %s", name, r.table.Task), "leave it out, and a rule picks one")
	}
	r.manifest, r.enforcement = m, a.Enforcement()
	return nil
}
