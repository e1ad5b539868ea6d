package kernel

import (
	"runtime"
	"time"
)

// PeakGFLOPS measures what one core's multiply-add units can do with the active instruction set: the best of several
// runs of a loop of independent multiply-adds, in 10⁹ operations a second. Other loads on the core only lower it.
func PeakGFLOPS(runs int) float64 {
	const loops = 200_000
	best := 0.0
	for range runs {
		start := time.Now()
		flops := MultiplyAdds(loops)
		best = max(best, float64(flops)/float64(time.Since(start).Nanoseconds()))
	}
	return best
}

// multiplyAddsTwin runs eight independent chains and returns the operations done.
func multiplyAddsTwin(loops int) int64 {
	var s [8]float32
	x := float32(loops) * 1e-30
	for range loops {
		for i := range s {
			s[i] += x * x
		}
	}
	runtime.KeepAlive(s)
	return int64(loops) * 16
}
