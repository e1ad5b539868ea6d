//go:build !linux

package engine

import "time"

var began = time.Now()

// threadTime stands for processor time where threads have no clock of their own.
func threadTime() time.Duration { return time.Since(began) }
