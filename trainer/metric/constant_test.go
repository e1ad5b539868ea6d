package metric

import (
	"math"
	"testing"

	"tuned/trainer/model"
)

// Both the mean and the median are of the training rows: those of the rows that judge are what nobody can know.
func TestTheConstantIsLearnedFromTrainingRows(t *testing.T) {
	view := model.View{Task: model.Regression, Target: &model.Target{Mean: 10, Std: 2}}
	c := ConstantOf(view, Truth{Values: []float32{0, 1, 5}}) // 10, 12 and 20
	m := c.Score(view, Truth{Values: []float32{-5, -4}})     // 0 and 2
	near(t, "mean", c.Mean, 14)
	near(t, "median", c.Median, 12)
	near(t, "RMSE", m.Get(RMSE), math.Sqrt((14.0*14+12*12)/2))
	near(t, "MAE", m.Get(MAE), 11)
	near(t, "R2", m.Get(R2), 1-(14.0*14+12*12)/2)
}

func TestTheConstantOfClasses(t *testing.T) {
	view := model.View{Task: model.Classification, Classes: 2, Target: &model.Target{Priors: []float64{0.25, 0.75}, Threshold: 0.1}}
	c := ConstantOf(view, Truth{Labels: []int32{1, 0, 1, 1}})
	m := c.Score(view, Truth{Labels: []int32{0, 0, 0, 1}})
	if c.Common() != 1 {
		t.Errorf("the most frequent class is %d", c.Common())
	}
	near(t, "accuracy: always 1", m.Get(Accuracy), 0.25)
	near(t, "F1: always 0, the rarer of the training rows", m.Get(F1), 2*3/(3.0+4))
	near(t, "AUC", m.Get(AUC), 0.5)
	near(t, "log loss of the shares", m.Get(LogLoss), -(3*math.Log(0.25)+math.Log(0.75))/4)
}
