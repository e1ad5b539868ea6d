//go:build !linux && !darwin

package host

import "errors"

// exchange is not known here.
func exchange(string, string) error { return errors.ErrUnsupported }
