package kernel

// MultiplyAdds runs a loop of independent multiply-adds so many times, with the active instruction set, and returns the operations done.
func MultiplyAdds(loops int) int64 {
	if !vector() {
		return multiplyAddsTwin(loops)
	}
	if active == AVX512 {
		peakAVX512(loops)
		return int64(loops) * 12 * 4 * 16 * 2
	}
	peakAVX2(loops)
	return int64(loops) * 12 * 4 * 8 * 2
}
