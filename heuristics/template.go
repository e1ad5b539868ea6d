package heuristics

import (
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"tuned/words"
)

// template is a sentence with {expressions} in it; {{ stands for a brace.
type template struct {
	parts []part
	reads []string
}

// part is a piece of the sentence: a literal, or an expression with the unit that it is shown in.
type part struct {
	literal string
	formula *expression
	unit    string
}

func (p part) reads() []string {
	if p.formula == nil {
		return nil
	}
	return p.formula.reads
}

func (s scope) template(v value) (*template, *Error) {
	t := &template{}
	for at := 0; at < len(v.text); {
		p, next, err := s.part(v, at)
		if err != nil {
			return nil, err
		}
		t.parts, at = append(t.parts, p), next
		t.reads = append(t.reads, p.reads()...)
	}
	slices.Sort(t.reads)
	t.reads = slices.Compact(t.reads)
	return t, nil
}

// part reads the piece of a sentence at an offset and returns the offset behind it.
func (s scope) part(v value, at int) (part, int, *Error) {
	rest := v.text[at:]
	switch brace := strings.IndexAny(rest, "{}"); {
	case brace < 0:
		return part{literal: rest}, len(v.text), nil
	case brace > 0:
		return part{literal: rest[:brace]}, at + brace, nil
	case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
		return part{literal: rest[:1]}, at + 2, nil
	case rest[0] == '}':
		return part{}, 0, v.place(at).errorf("a brace that stands for itself is written twice", "a } without its {")
	}
	end := closing(rest)
	if end < 0 {
		return part{}, 0, v.place(at).errorf("a brace that stands for itself is written twice", "a { without its }")
	}
	p, err := s.placeholder(value{kind: unstable.String, text: rest[1:end], at: v.place(at + 1), exact: v.exact})
	return p, at + end + 1, err
}

// closing finds the } that ends a placeholder; braces inside quotes don't count.
func closing(text string) int {
	quote := rune(0)
	for i, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == '}':
			return i
		}
	}
	return -1
}

func (s scope) placeholder(v value) (part, *Error) {
	e, err := s.compile(v)
	if err != nil {
		return part{}, err
	}
	return part{formula: e, unit: s.catalogue.unitOf(e.single)}, nil
}

// unitOf a declared fact or setting; "" for others.
func (c *Catalogue) unitOf(name string) string {
	if s, ok := c.setting[name]; ok {
		return s.Unit
	}
	return c.fact[name].Unit
}

// render writes the sentence. What was not measured is said to be so: a sentence never asks for a probe.
func (t *template) render(read reading) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.formula == nil {
			b.WriteString(p.literal)
			continue
		}
		v, err := p.formula.eval(read)
		if isMissing(err) {
			v, err = nil, nil
		}
		if err != nil {
			return "", err
		}
		b.WriteString(words.Format(v, p.unit))
	}
	return b.String(), nil
}
