package data

import (
	"errors"
	"fmt"
	"slices"

	"tuned/trainer/model"
)

// check refuses what no run writes, and what could therefore not be read or encoded. Every error is [model.ErrCorrupt].
func (p *Preprocess) check() error {
	if p.Picture != nil && !p.Picture.whole() {
		return fmt.Errorf("%w: images of %d × %d pixels and %d channels", model.ErrCorrupt, p.Picture.Height, p.Picture.Width, p.Picture.Channels)
	}
	for i := range p.Features {
		f := &p.Features[i]
		if err := f.check(); err != nil {
			return fmt.Errorf("%w: column %q: %w", model.ErrCorrupt, f.Name, err)
		}
	}
	return nil
}

// mostPixels is how many numbers an image has at most.
const mostPixels = 1 << 28

// whole reports a shape that images can have, with a scale and a column for each part of it where there are any.
func (p *Picture) whole() bool {
	for _, size := range []int{p.Height, p.Width, p.Channels} {
		if size < 1 || size > mostPixels {
			return false
		}
	}
	if p.Height*p.Width > mostPixels || p.Height*p.Width*p.Channels > mostPixels {
		return false
	}
	return len(p.Mean) == p.Channels && len(p.Std) == p.Channels && (p.Pixels == nil || len(p.Pixels) == p.Bytes())
}

var errNotFit = errors.New("its type, encoding and scale do not go together")

// check refuses a feature whose encoding lacks what it needs.
func (f *Feature) check() error {
	if !slices.Contains(TypeNames(), string(f.Type)) {
		return fmt.Errorf("%q is no type", f.Type)
	}
	texts := f.Type != Numeric && f.Type != Date
	switch f.Encoding {
	case Scaled:
		return unless(f.Type == Numeric && f.Scale != nil && f.Scale.whole())
	case Calendar:
		return unless(f.Type == Date && !slices.ContainsFunc(f.Parts, func(p Part) bool { return partOf(p.Name) == nil || !p.Scale.whole() }))
	case Scores:
		return f.checkText()
	case Sign:
		return unless(texts && len(f.Levels) == 2)
	case OneHot, Codes:
		return unless(texts && len(f.Levels) > 0)
	case Presence:
		return nil
	}
	return fmt.Errorf("%q is no encoding", f.Encoding)
}

func unless(fit bool) error {
	if fit {
		return nil
	}
	return errNotFit
}

// checkText wants a score for each output, and behind them nothing but how long the text is.
func (f *Feature) checkText() error {
	if f.Type != Text || f.Text == nil {
		return errNotFit
	}
	k := f.Text.Outputs()
	for o, p := range f.Parts {
		if !p.Scale.whole() || o > k || o == k && p.Name != lengthPart {
			return errNotFit
		}
	}
	return f.Text.Check()
}

// whole reports a scale that maps every number.
func (s *Scale) whole() bool {
	return s.Kind != Quantile || len(s.Values) > 1
}
