package data

import (
	"errors"
	"fmt"
	"math"

	"tuned/trainer/data/source"
	"tuned/trainer/model"
)

// maxIntegerClasses is how many different integers a target may have to count as classes where the job names no task.
const maxIntegerClasses = 20

// task is the job's, or inferred from the target: texts are classes; numbers are classes if there are two of them, or up
// to twenty different integers that each occur ten times on average.
func (r *reading) task() (model.Task, error) {
	b := r.loader.builders[r.number]
	switch r.spec.Task {
	case model.Classification:
		return model.Classification, nil
	case model.Regression:
		if b.odd > 0 {
			return "", r.notNumeric(b)
		}
		return model.Regression, r.finite(b)
	case "":
	default:
		return "", &Error{
			Op: "read", Path: r.spec.Path, Place: "data.task", Hint: `"classification" or "regression"`,
			Err: fmt.Errorf("unknown task %q", r.spec.Task),
		}
	}
	different := len(b.few.seen)
	switch {
	case b.odd > 0 && different > fewLimit && b.odd*2 < b.present:
		return "", r.notNumeric(b)
	case b.odd > 0:
		return model.Classification, nil
	case different <= 2, !b.fraction && different <= maxIntegerClasses && b.present >= 10*different:
		return model.Classification, nil
	}
	return model.Regression, r.finite(b)
}

func (r *reading) notNumeric(b *builder) error {
	return r.targetError(r.loader.place(b), fmt.Sprintf("the target of a regression is %q, not a number", b.oddCell),
		"leave the cell empty to leave the row out, or name the task: classification")
}

func (r *reading) finite(b *builder) error {
	if b.infinite != 0 {
		return r.loader.infinite(b)
	}
	return nil
}

func (r *reading) targetError(place, why, hint string) error {
	if place == "" {
		place = fmt.Sprintf("column %d (%s)", r.loader.builders[r.label].index+1, r.spec.Target)
	}
	return &Error{Op: "read", Path: r.spec.Path, Place: place, Hint: hint, Err: errors.New(why)}
}

// target stores the target and checks that it can be learned.
func (r *reading) target(rows []int32) error {
	d, index := r.data, r.label
	if d.Task == model.Regression {
		index = r.number
	}
	if err := d.raw.add(r.loader, index, rows); err != nil {
		return err
	}
	d.Target = d.raw.columns[len(r.fields)]
	if d.Task == model.Regression {
		r.noteTarget()
		b := r.loader.builders[r.number]
		d.Numbering = d.raw.numbersRows(len(r.fields), b) || !b.fraction && !b.money() && d.riseEvenly(d.raw.numbers(len(r.fields)))
		return r.checkValues()
	}
	d.Classes = d.Target.Levels
	r.noteClasses()
	return r.checkClasses()
}

// noteClasses says that numbers were taken for classes, where the job did not say so and they may be counts or grades.
func (r *reading) noteClasses() {
	b, n := r.loader.builders[r.number], len(r.data.Classes)
	if r.spec.Task == "" && b.odd == 0 && n > 2 {
		r.data.Notes = append(r.data.Notes, fmt.Sprintf(
			"Target %s: its %d different numbers are taken for classes, between which there is no order. If they are amounts, counts or grades, have them predicted as numbers: --task regression, or task in a job file.",
			r.spec.Target, n))
	}
}

// noteTarget says how a numeric target was read, if not plainly.
func (r *reading) noteTarget() {
	b := r.loader.builders[r.number]
	if note := joined(b.spelling.note(b.present, b.notation), r.data.placeholderNote(len(r.fields))); note != "" {
		r.data.Notes = append(r.data.Notes, fmt.Sprintf("Target %s: %s.", r.spec.Target, note))
	}
}

// checkClasses wants classes that can be told apart.
func (r *reading) checkClasses() error {
	d := r.data
	if b := r.loader.builders[r.label]; b.full {
		return r.targetError("", fmt.Sprintf("the target has more than %d classes", maxLevels), "is this the right column?")
	}
	if why, hint := classFault(d.Classes, tally(d.raw.codes(len(r.fields)), len(d.Classes)), "row"); why != "" {
		return r.targetError("", why, hint)
	}
	return nil
}

// classFault says why classes of so many rows each, or images, cannot be told apart, and what to do; "" where they can: two
// have to have more than one. Others may have one: it is learned from, but none is left to be held out.
func classFault(classes []string, counts []int, one string) (why, hint string) {
	alone := lone(classes, counts)
	switch {
	case len(classes) == 0:
		return fmt.Sprintf("no %s has a class", one), "there is nothing to tell apart"
	case len(classes) == 1:
		return fmt.Sprintf("the target has one class, %q, in every %s", classes[0], one), "there is nothing to tell apart"
	case len(alone)*2 > len(classes):
		return fmt.Sprintf("%d of the %d classes have a single %s", len(alone), len(classes), one), manyHint(classes)
	case len(classes)-len(alone) < 2:
		return fmt.Sprintf("class %q has a single %s, and only one other class has more", alone[0], one), "add some, or check that these are the classes"
	}
	return "", ""
}

// manyHint asks what classes may be that hardly any other row shares.
func manyHint(classes []string) string {
	for _, class := range classes {
		if _, _, ok := source.Number(class); !ok {
			return "are these the classes, or names of the rows? Another column may be the one to be predicted"
		}
	}
	return "are these the classes, or is it a number to be predicted: --task regression, or task in a job file?"
}

// tally counts the rows of each class, by their codes, which count from 1.
func tally(codes []int32, classes int) []int {
	counts := make([]int, classes)
	for _, code := range codes {
		counts[code-1]++
	}
	return counts
}

// lone are the classes with a single row.
func lone(classes []string, counts []int) (names []string) {
	for i, n := range counts {
		if n == 1 {
			names = append(names, classes[i])
		}
	}
	return names
}

// riseEvenly tells whether the rows' values rise, or fall, by the same from each row of the file to the next.
func (d *Dataset) riseEvenly(values []float32) bool {
	last := int32(len(values)) - 1
	if len(values) < indexRows || values[0] == values[last] {
		return false
	}
	at := func(row int32) float64 { return float64(d.FileRow(row) - d.FileRow(0)) }
	rise := float64(values[last]) - float64(values[0])
	for row, v := range values {
		if even := float64(values[0]) + rise*at(int32(row))/at(last); math.Abs(float64(v)-even) > evenly*math.Abs(rise) {
			return false
		}
	}
	return true
}

// evenly is what single precision leaves of a difference, as a share of the whole rise.
const evenly = 1e-6

func (r *reading) checkValues() error {
	values := r.data.raw.numbers(len(r.fields))
	for _, v := range values {
		if v != values[0] {
			return nil
		}
	}
	return r.targetError("", "the target has the same value in every row", "there is nothing to predict")
}
