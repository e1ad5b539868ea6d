package host_test

import (
	"context"
	"fmt"
	"log"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// A process is launched, opens a session, works, and ends with it. The main of a program that does so begins with
// host.Main(builtin.Lookup).
func Example() {
	ctx := context.Background()
	p, err := host.Launch(ctx, host.Self("echo"), host.Options{MemoryBytes: 1 << 30})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	s, err := p.Open(ctx, model.OpenRequest{MaxBatch: 256})
	if err != nil {
		log.Fatal(err)
	}
	results, err := s.Submit(ctx, model.Step{Rows: []int32{1, 2, 3}}).Wait(ctx)
	fmt.Println(results[0].Loss, err)
	fmt.Println(s.Close())
	// Output:
	// 6 <nil>
	// <nil>
}
