package summary

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"tuned/bench/stats"
)

// The plot's size, and the part of its width that names the curves.
const (
	plotWidth, plotHeight = 24 * vg.Centimeter, 12 * vg.Centimeter
	legendWidth           = 7 * vg.Centimeter
)

// plots draws the error that a number of trials is expected to reach, beside that of one run on the same sets.
func plots(folder string, s Summary) error {
	p, legend := plot.New(), plot.NewLegend()
	p.Title.Text = "Expected error against compute"
	p.X.Label.Text = "compute, in trials (log)"
	p.Y.Label.Text = "test error, shifted geometric mean"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Y.Label.Padding, p.Title.Padding = vg.Points(8), vg.Points(6)
	p.Add(plotter.NewGrid())
	colours := map[string]color.Color{}
	for _, a := range s.Arms {
		if a.Rows != s.usual() { // other sets
			continue
		}
		name := strings.TrimSuffix(a.Arm, RefitSuffix)
		if colours[name] == nil {
			colours[name] = plotutil.Color(len(colours))
		}
		if err := addArm(p, &legend, a, colours[name]); err != nil {
			return err
		}
	}
	p.X.Max *= 1.2
	return save(filepath.Join(folder, "compute.svg"), p, &legend)
}

// addArm draws an arm's curve and, where the arm's trials count FLOPs as ours do, our own point in its colour.
func addArm(p *plot.Plot, legend *plot.Legend, a Arm, c color.Color) error {
	line, err := plotter.NewLine(over(a))
	if err != nil {
		return err
	}
	line.Color, line.Width = c, vg.Points(1.5)
	again := strings.HasSuffix(a.Arm, RefitSuffix)
	if again {
		line.Dashes = []vg.Length{vg.Points(5), vg.Points(3)}
	}
	p.Add(line)
	legend.Add(a.Arm, line)
	if a.MeanCost == 0 || again {
		return nil
	}
	ours, err := plotter.NewScatter(plotter.XYs{{X: max(a.MeanCost, 0.1), Y: a.Ours}})
	if err != nil {
		return err
	}
	ours.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}
	p.Add(ours)
	legend.Add("one run on "+those(len(a.Sets)), ours)
	return nil
}

func those(sets int) string {
	if sets == 1 {
		return "that set"
	}
	return fmt.Sprintf("those %d sets", sets)
}

// save writes the plot with its legend beside it.
func save(path string, p *plot.Plot, legend *plot.Legend) error {
	canvas := vgsvg.New(plotWidth, plotHeight)
	whole := draw.New(canvas)
	p.Draw(draw.Crop(whole, 0, -legendWidth, 0, 0))
	legend.Left, legend.Top, legend.Padding = true, true, vg.Millimeter
	legend.Draw(draw.Crop(whole, plotWidth-legendWidth+vg.Centimeter/2, 0, 0, -vg.Centimeter))
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return err
	}
	return os.WriteFile(path, svg.Bytes(), 0o644)
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
