package metric

import (
	"cmp"
	"math"
	"slices"

	"tuned/trainer/model"
)

// smallest is what a probability is raised to before its logarithm is taken: the resolution of float32.
const smallest = 1.0 / (1 << 23)

// Classification scores probabilities (len(labels) × the view's classes). Labels are 0 … classes-1. Where metrics are named and the
// AUC is none of them, it is left out: it takes a sort for each class.
func Classification(view model.View, probabilities []float32, labels []int32, names ...string) Metrics {
	m := Metrics{}
	confusion := Confusion(view.Classes, labels, Predicted(view, probabilities))
	m.put(Accuracy, accuracy(confusion, len(labels)))
	m.put(LogLoss, logLossOf(probabilities, view.Classes, labels))
	if len(names) == 0 || slices.Contains(names, AUC) {
		m.put(AUC, auc(probabilities, view.Classes, labels))
	}
	m.put(F1, f1(confusion, view.Positive()))
	return m
}

// Predicted returns the class that each row is answered with: the one whose probability counts most, the lower on a tie, or of two
// the positive one from the target's threshold on.
func Predicted(view model.View, probabilities []float32) []int32 {
	predicted, worth := make([]int32, len(probabilities)/view.Classes), worths(view)
	for i := range predicted {
		predicted[i] = answer(view, worth, probabilities[i*view.Classes:(i+1)*view.Classes])
	}
	return predicted
}

// even is the part of the shares that is spread evenly over the classes before answers lean by them: of a class of next to no rows
// a model gives every row a little, as smoothed labels do, which is no sign of it.
const even = 0.1

// worths are what a probability of each class counts for: its share of the rows to the power of minus the target's lean.
func worths(view model.View) []float64 {
	worth := slices.Repeat([]float64{1}, view.Classes)
	if view.Target == nil || view.Target.Lean == 0 {
		return worth
	}
	for c, share := range view.Target.Priors {
		worth[c] = math.Pow((1-even)*share+even/float64(view.Classes), -view.Target.Lean)
	}
	return worth
}

func answer(view model.View, worth []float64, row []float32) (class int32) {
	if len(row) == 2 && view.Target != nil && view.Target.Threshold > 0 {
		positive := view.Positive()
		if float64(row[positive]) >= view.Target.Threshold {
			return int32(positive)
		}
		return int32(1 - positive)
	}
	for c, p := range row {
		if float64(p)*worth[c] > float64(row[class])*worth[class] {
			class = int32(c)
		}
	}
	return class
}

// Confusion counts rows by [true class][predicted class], each 0 … classes-1.
func Confusion(classes int, labels, predicted []int32) [][]int {
	counts := make([][]int, classes)
	for c := range counts {
		counts[c] = make([]int, classes)
	}
	for i, p := range predicted {
		counts[labels[i]][p]++
	}
	return counts
}

func accuracy(confusion [][]int, rows int) float64 {
	right := 0
	for c := range confusion {
		right += confusion[c][c]
	}
	return float64(right) / float64(rows)
}

// logLossOf is the mean negative log probability of the right class, in nats. Probabilities below 2⁻²³ count as that.
func logLossOf(probabilities []float32, classes int, labels []int32) float64 {
	sum := 0.0
	for i, l := range labels {
		sum -= math.Log(max(float64(probabilities[i*classes+int(l)]), smallest))
	}
	return sum / float64(len(labels))
}

// f1 is that of the positive class when there are two, and else the mean over the classes that occur, in truth or
// prediction. A class that is never right has 0.
func f1(confusion [][]int, positive int) float64 {
	if len(confusion) == 2 {
		f, _ := f1Of(confusion, positive)
		return f
	}
	sum, n := 0.0, 0
	for c := range confusion {
		if f, occurs := f1Of(confusion, c); occurs {
			sum, n = sum+f, n+1
		}
	}
	return sum / float64(n)
}

func f1Of(confusion [][]int, class int) (f float64, occurs bool) {
	truth, predicted := 0, 0
	for c := range confusion {
		truth += confusion[class][c]
		predicted += confusion[c][class]
	}
	if truth+predicted == 0 {
		return 0, false
	}
	return 2 * float64(confusion[class][class]) / float64(truth+predicted), true
}

// auc is the mean over the classes that have rows inside and outside; not-a-number when there are none. With two classes
// it is that of the second, which is that of the first where probabilities sum to one.
func auc(probabilities []float32, classes int, labels []int32) float64 {
	if classes == 2 {
		return aucOf(probabilities, classes, labels, 1)
	}
	sum, n := 0.0, 0
	for c := range classes {
		if a := aucOf(probabilities, classes, labels, c); !math.IsNaN(a) {
			sum, n = sum+a, n+1
		}
	}
	return sum / float64(n)
}

// aucOf is the probability that a row of the class has a higher output than one outside it, ties counting half
// (Mann-Whitney).
func aucOf(probabilities []float32, classes int, labels []int32, class int) float64 {
	type row struct {
		p  float32
		in bool
	}
	rows := make([]row, len(labels))
	for i, l := range labels {
		rows[i] = row{probabilities[i*classes+class], int(l) == class}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.p, b.p) })
	below, wins, inside := 0, 0.0, 0 // rows outside the class seen so far; pairs won; rows inside
	for from := 0; from < len(rows); {
		to, in := from, 0
		for ; to < len(rows) && rows[to].p == rows[from].p; to++ {
			if rows[to].in {
				in++
			}
		}
		to = max(to, from+1) // an output that is not a number equals nothing, itself included
		out := to - from - in
		wins += float64(in) * (float64(below) + float64(out)/2)
		below, inside, from = below+out, inside+in, to
	}
	return wins / (float64(below) * float64(inside))
}
