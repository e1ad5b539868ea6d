// Package parallel does work on several processors at once.
package parallel

import (
	"errors"
	"runtime"
	"sync"
)

// Blocks calls f for each block of so many rows, several at a time; f must not care about their order.
func Blocks(rows, size int, f func(from, to int) error) error {
	workers := min(runtime.GOMAXPROCS(0), (rows+size-1)/size)
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for from := w * size; from < rows && errs[w] == nil; from += workers * size {
				errs[w] = f(from, min(from+size, rows))
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
