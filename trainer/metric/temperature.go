package metric

import "math"

const (
	// Coldest and Hottest bound the temperatures that are considered: others would say that something else is wrong.
	Coldest = 0.05
	Hottest = 20
	// usualSpread is the standard deviation that the logarithm of a temperature has around what is usual before any row is seen: few
	// rows, all of which are predicted rightly, would else ask for certainty, and the first mistake elsewhere would cost more than they gained.
	usualSpread = 0.5
)

// FitTemperature finds the temperature T that minimises the log loss of softmax(log(p)/T), summed over these rows (Guo et al.
// 2017, arXiv:1706.04599), plus log(T/usual)²/2 in units of usualSpread, to within 1e-6 of its logarithm: the likeliest T. The slope
// of what is minimised is bisected. Without rows it is the usual one.
func FitTemperature(probabilities []float32, classes int, labels []int32, usual float64) float64 {
	if len(labels) == 0 {
		return usual
	}
	logs := logarithms(probabilities)
	low, high := math.Log(1.0/Hottest), math.Log(1.0/Coldest) // of 1/T
	for range 23 {
		middle := (low + high) / 2
		inverse := math.Exp(middle)
		if inverse*slope(logs, classes, labels, inverse)+(middle+math.Log(usual))/(usualSpread*usualSpread) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return math.Exp(-(low + high) / 2)
}

func logarithms(probabilities []float32) []float64 {
	logs := make([]float64, len(probabilities))
	for i, p := range probabilities {
		logs[i] = math.Log(max(float64(p), smallest))
	}
	return logs
}

// slope is the derivative of the summed loss by the inverse temperature: the expected log probability minus the right one's.
func slope(logs []float64, classes int, labels []int32, inverse float64) float64 {
	sum := 0.0
	for i, l := range labels {
		row := logs[i*classes : (i+1)*classes]
		top := row[0]
		for _, v := range row {
			top = max(top, v)
		}
		weights, expected := 0.0, 0.0
		for _, v := range row {
			w := math.Exp((v - top) * inverse)
			weights += w
			expected += w * v
		}
		sum += expected/weights - row[l]
	}
	return sum
}

// ApplyTemperature changes probabilities (rows × classes) into softmax(log(p)/T), in place. T = 1 leaves them alone.
func ApplyTemperature(probabilities []float32, classes int, t float64) {
	if t == 1 {
		return
	}
	logs := make([]float64, classes)
	for from := 0; from+classes <= len(probabilities); from += classes {
		soften(probabilities[from:from+classes], logs, t)
	}
}

func soften(row []float32, logs []float64, t float64) {
	top, sum := math.Inf(-1), 0.0
	for c, p := range row {
		logs[c] = math.Log(max(float64(p), smallest)) / t
		top = max(top, logs[c])
	}
	for c := range logs {
		logs[c] = math.Exp(logs[c] - top)
		sum += logs[c]
	}
	for c := range row {
		row[c] = float32(logs[c] / sum)
	}
}
