package probe

import (
	"fmt"
	"runtime"
	"testing"
)

// BenchmarkOfData measures with the probes that look at the rows alone, of as many as four contests take and of as many as one takes.
func BenchmarkOfData(b *testing.B) {
	for _, name := range []string{"kernel", "shape"} {
		for _, rows := range []int{3000, 24_000} {
			l := newLab(b, pattern(rows, 1, 0.5))
			for threads := 1; threads <= runtime.NumCPU(); threads *= 2 {
				b.Run(fmt.Sprintf("%s of %d/%d threads", name, rows, threads), func(b *testing.B) {
					l.Threads = threads
					for b.Loop() {
						if _, err := Run(b.Context(), name, l.Env, under()); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
