package report

import (
	"html/template"
	"maps"
	"slices"
	"strings"

	"tuned/heuristics"
	"tuned/job"
	"tuned/words"
)

// content is what the page shows, section by section; empty sections are left out.
type content struct {
	Style     template.CSS
	Name      string
	Began     string
	Headline  string
	Tiles     []tile
	Learned   []string
	Columns   []columnRow
	Alone     string // what the column scores mean
	Weighed   *weighed
	Effects   *effects
	Wordings  []wordingTable
	Scores    []scoreRow
	Validated bool // there were validation rows
	Quality   []string
	Figures   []figure // of how good it is
	Confusion *confusionTable
	Groups    []groupTable
	Worst     *worstTable
	Mistakes  *mistakeGrid // instead of Worst, where the rows are images
	Problems  []problem
	AllClear  string
	Evidence  []figure // of what was measured
	Training  []figure
	Story     []string // of the training
	Decisions []decisionGroup
	Ledger    []ledgerRow
	Cost      []string
	Search    *comparison
	Footer    string
}

// tile is a figure at the top of the page.
type tile struct{ Value, Label, Note string }

// figure is a chart with its caption.
type figure struct {
	Title   string
	SVG     template.HTML
	Legend  []legend
	Caption string
}

// legend names a line by the number of its colour.
type legend struct {
	Class, Name string
}

// problem is something that a person should know before trusting the model.
type problem struct {
	Label, Text, Evidence string
	Mild                  bool // worth knowing, and mostly as it should be
}

// decisionGroup are decisions about one thing.
type decisionGroup struct {
	Title     string
	Decisions []decisionRow
}

type decisionRow struct{ Setting, Value, Help, Why, Evidence, Origin string }

// describe makes the page's content.
func describe(r *Run) content {
	c := content{
		Style: template.CSS(styleText), //nolint:gosec // our own file
		Name:  r.Attempt.Name, Headline: r.headline(), Tiles: r.tiles(),
		Learned: r.learned(), Columns: r.columnRows(), Alone: r.alone(), Weighed: r.weighed(), Effects: r.effects(), Wordings: r.wordings(), Scores: r.scoreRows(), Validated: r.Metrics.Validation != nil, Quality: r.quality(),
		Problems: r.problems(), Training: r.trainingFigures(), Story: r.story(), Evidence: r.evidence(),
		Decisions: r.decisionGroups(), Ledger: r.ledgerRows(), Cost: r.cost(), Search: r.search(),
		Footer: r.footer(),
	}
	if !r.Began.IsZero() {
		c.Began = r.Began.UTC().Format("2 January 2006")
	}
	if len(c.Problems) == 0 {
		c.AllClear = "None of the checks found anything to warn of."
	}
	if r.Predictions != nil && r.Predictions.Len() > 0 {
		c.Figures, c.Confusion, c.Mistakes = r.qualityFigures(), r.confusion(), r.mistakes()
		if c.Mistakes == nil {
			c.Worst = r.worst()
		}
	}
	c.Groups = r.groups()
	return c
}

// problems are findings, notes and what the watches did.
func (r *Run) problems() []problem {
	var all []problem
	for _, f := range r.Findings {
		all = append(all, problem{Label: f.Label(), Text: f.Why, Evidence: evidence(f.Facts)})
	}
	for _, reaction := range r.Training.Reactions {
		all = append(all, problem{Label: "During training", Text: reaction.Why})
	}
	for _, note := range r.Columns.Notes {
		all = append(all, problem{Label: "About the data", Text: note, Mild: true})
	}
	for _, note := range r.Notes {
		all = append(all, problem{Label: "Note", Text: note, Mild: true})
	}
	if few := r.fewTestRows(); few != "" {
		all = append(all, problem{Label: "About the score", Text: few})
	}
	return all
}

// areas sort decisions by what they are about; settings of an architecture come last.
var areas = []struct {
	title    string
	settings []string
}{
	{"The model and what it sees", []string{"architecture", "numeric_transform", "onehot_max", "text_terms", "text_pieces", "text_l2", "validation_fraction", "fit_rows"}},
	{"How much it trains", []string{"batch_cap", "batch_size", "epochs_cap", "steps_floor", "epochs", "total_steps", "checkpoint_every"}},
	{"How fast it learns", []string{
		"optimizer", "lr_prior", "lr", "schedule", "warmup_steps", "beta1", "beta2", "epsilon", "clip_norm",
	}},
	{"What keeps it from learning by heart", []string{
		"weight_decay", "weight_decay_schedule", "dropout", "dropout_schedule", "label_smoothing", "label_smoothing_schedule",
	}},
	{"What predicts, and how it answers", []string{"averages", "selection", "evaluate_every", "final", "temperature", "temperature_prior", "threshold", "lean", "target_range"}},
}

func (r *Run) decisionGroups() []decisionGroup {
	area := map[string]int{}
	groups := make([]decisionGroup, len(areas)+1)
	for i, a := range areas {
		groups[i].Title = a.title
		for _, s := range a.settings {
			area[s] = i
		}
	}
	groups[len(areas)].Title = "Inside the model, and others"
	for _, d := range r.Decisions {
		i, ok := area[d.Setting]
		if !ok {
			i = len(areas)
		}
		groups[i].Decisions = append(groups[i].Decisions, rowOf(d))
	}
	var filled []decisionGroup
	for _, g := range groups {
		if len(g.Decisions) > 0 {
			filled = append(filled, g)
		}
	}
	return filled
}

func rowOf(d heuristics.Decision) decisionRow {
	row := decisionRow{Setting: d.Setting, Value: words.Quantity(d.Value, d.Unit), Why: d.Why, Evidence: evidence(d.Facts)}
	_, row.Help = heuristics.Common().About(d.Setting)
	origin := []string{job.LayerName(d.Layer), "rule " + d.Rule}
	if d.Source != "" {
		origin = append(origin, d.Source)
	}
	row.Origin = strings.Join(origin, " · ")
	return row
}

// evidence lists facts as text, sorted by name.
func evidence(facts heuristics.Facts) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		unit, _ := heuristics.Common().About(name)
		parts = append(parts, name+" = "+words.Quantity(facts[name], unit))
	}
	return strings.Join(parts, ", ")
}
