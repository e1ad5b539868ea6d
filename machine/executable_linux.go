//go:build !portable

package machine

// Executable is the path by which the running program can be started again, even where its file has been replaced since.
func Executable() (string, error) { return "/proc/self/exe", nil }
