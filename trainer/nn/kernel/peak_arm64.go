package kernel

// MultiplyAdds runs the loop that PeakGFLOPS measures so many times, and returns the operations done.
func MultiplyAdds(loops int) int64 {
	if !vector() {
		return multiplyAddsTwin(loops)
	}
	peakNEON(loops)
	return int64(loops) * 24 * 4 * 2
}
