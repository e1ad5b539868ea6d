package plugins

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tuned/trainer/model"
)

// name is what an architecture may be called: it names directories and starts the names of its settings.
var name = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// CheckName reports whether an architecture may have this name.
func CheckName(s string) error {
	if !name.MatchString(s) {
		return fmt.Errorf("%w: %q is no architecture's name: use up to 32 of a-z, 0-9, _ and -, a letter first", model.ErrInvalid, s)
	}
	return nil
}

// errManifest: an architecture describes itself in a way that no host can use.
var errManifest = errors.New("unusable manifest")

// checkManifest reports what of a manifest no host could use: a bad name, no task, no input, or a setting that is
// declared twice, has no type or an empty range.
func checkManifest(m model.Manifest) error {
	if err := CheckName(m.Name); err != nil {
		return fmt.Errorf("%w: %w", errManifest, err)
	}
	if len(m.Tasks) == 0 || len(m.Inputs) == 0 {
		return fmt.Errorf("%w: %s names no task or no kind of input", errManifest, m.Name)
	}
	seen := make(map[string]bool, len(m.Settings))
	for _, s := range m.Settings {
		if seen[s.Name] {
			return fmt.Errorf("%w: setting %q is declared twice", errManifest, s.Name)
		}
		seen[s.Name] = true
		if err := checkSetting(m.Name, s); err != nil {
			return fmt.Errorf("%w: setting %q: %w", errManifest, s.Name, err)
		}
	}
	return nil
}

func checkSetting(architecture string, s model.Setting) error {
	types := []model.SettingType{model.Int, model.Float, model.Bool, model.Choice}
	switch {
	case !strings.HasPrefix(s.Name, architecture+"."):
		return fmt.Errorf("its name does not start with %q", architecture+".")
	case !slices.Contains(types, s.Type):
		return fmt.Errorf("unknown type %q", s.Type)
	case s.Type == model.Choice && len(s.Choices) == 0:
		return fmt.Errorf("no choices")
	case s.Min > s.Max:
		return fmt.Errorf("its range is empty: %g to %g", s.Min, s.Max)
	case s.Absent == nil:
		return nil
	}
	if _, err := typedValue(s, s.Absent); err != nil {
		return fmt.Errorf("where it is absent, %v (%T): %w", s.Absent, s.Absent, err)
	}
	return nil
}
