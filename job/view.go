package job

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"tuned/durable"
	"tuned/trainer/data"
	"tuned/trainer/model"
)

// view is the data as a session sees it under some settings, and which rows train and validate.
type view struct {
	model.View
	dir        string
	preprocess *data.Preprocess
	fit        []int32
	validation []int32
}

// viewFor encodes the data as the settings say. Transforms learn from the rows that train, and from no others.
func (r *run) viewFor(s model.Settings) (view, error) {
	t := data.Transforms{
		Numeric: textOf(s, "numeric_transform"), OneHotMax: int(integerOf(s, "onehot_max")),
		TextTerms: int(integerOf(s, "text_terms")), TextPieces: int(integerOf(s, "text_pieces")), TextL2: numberOf(s, "text_l2"),
	}
	fraction := numberOf(s, "validation_fraction")
	fit, validation := r.table.Train, []int32(nil)
	if fraction > 0 {
		fit, validation = r.table.SplitValidation(fraction, r.job.Data.SplitSeed)
	}
	dir := r.dir.file(filepath.Join(workDir, "view-"+hashOf(t, fraction)))
	p, err := r.table.Fit(t, fit)
	if err != nil {
		return view{}, asked(fmt.Errorf("fit transforms: %w", err))
	}
	v, err := r.table.View(p, dir)
	if err != nil {
		return view{}, fmt.Errorf("encode the data: %w", err)
	}
	return view{View: v, dir: dir, preprocess: p, fit: fit, validation: validation}, nil
}

// hashOf is a short name for what a view depends on.
func hashOf(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return durable.Hash(text)[:12]
}

// textOf, integerOf and numberOf read a setting whose type the catalogue holds; "" and 0 when it is not decided.
func textOf(s model.Settings, name string) string    { v, _ := s[name].(string); return v }
func integerOf(s model.Settings, name string) int64  { v, _ := s[name].(int64); return v }
func numberOf(s model.Settings, name string) float64 { v, _ := s[name].(float64); return v }
