package kernel

import "runtime"

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
