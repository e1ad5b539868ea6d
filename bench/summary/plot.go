package summary

import (
	"image/color"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"tuned/bench/stats"
)

// plots draws the error that a number of trials is expected to reach, beside that of one run.
func plots(folder string, s Summary) error {
	p := plot.New()
	p.Title.Text = "Expected error against compute, over all data sets"
	p.X.Label.Text = "compute, in trials (log)"
	p.Y.Label.Text = "test error, shifted geometric mean"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Top, p.Legend.Left, p.Legend.XOffs, p.Legend.Padding = true, true, 8*vg.Centimeter, vg.Millimeter // text may grow rightwards
	p.Y.Label.Padding, p.Title.Padding = vg.Points(8), vg.Points(6)
	p.Add(plotter.NewGrid())
	for i, a := range s.Arms {
		if err := addArm(p, a, plotutil.Color(i)); err != nil {
			return err
		}
	}
	p.Y.Max += 0.3 * (p.Y.Max - p.Y.Min) // room for the legend
	p.X.Max *= 1.2
	return p.Save(20*vg.Centimeter, 12*vg.Centimeter, filepath.Join(folder, "compute.svg"))
}

// addArm draws an arm's curve and, where the arm's trials count FLOPs as ours do, our own point beside it.
func addArm(p *plot.Plot, a Arm, c color.Color) error {
	curve := over(a)
	line, err := plotter.NewLine(curve)
	if err != nil {
		return err
	}
	line.Color, line.Width = c, vg.Points(1.5)
	p.Add(line)
	p.Legend.Add(a.Arm, line)
	if a.Cost == 0 {
		return nil
	}
	ours, err := plotter.NewScatter(plotter.XYs{{X: max(a.Cost, 0.1), Y: a.Ours}})
	if err != nil {
		return err
	}
	ours.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}
	p.Add(ours)
	p.Legend.Add("one run beside it", ours)
	return nil
}

// over averages the sets' curves, each held at its last value where it is shorter than the longest.
func over(a Arm) plotter.XYs {
	longest := 0
	for _, s := range a.Sets {
		longest = max(longest, len(s.Curve))
	}
	points := make(plotter.XYs, longest)
	for n := range points {
		errors := make([]float64, len(a.Sets))
		for i, s := range a.Sets {
			errors[i] = s.Curve.At(n + 1)
		}
		points[n] = plotter.XY{X: float64(n + 1), Y: stats.ShiftedGeometricMean(errors, Shift)}
	}
	return points
}
