package kernel

// MultiplyAdds runs a loop of independent multiply-adds so many times, with the active instruction set, and returns the operations done.
func MultiplyAdds(loops int) int64 {
	if !vector() {
		return multiplyAddsTwin(loops)
	}
	peakNEON(loops)
	return int64(loops) * 24 * 4 * 2
}
