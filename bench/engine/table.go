package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/renameio/v2"
)

// JSON is the report as it is stored.
func (r Report) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

// Write stores the report as JSON and as a table.
func (r Report) Write(path, table string) error {
	text, err := r.JSON()
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(path, text, 0o644); err != nil {
		return err
	}
	return renameio.WriteFile(table, []byte(r.Table()), 0o644)
}

// Table is the report in Markdown.
func (r Report) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The engine's speed\n\n`go run ./bench engine` wrote this page on %s, on %s, commit %s, instruction set %s.", r.Time.Format("2006-01-02"), r.Machine, r.Commit, r.ISA)
	if r.Load != "" {
		fmt.Fprintf(&b, " The system's load went from %s; two threads are measured by the clock, and a load above 1 hides what they can do.", r.Load)
	}
	b.WriteString("\nThe peak is what chains of multiply-adds reach on the same threads, measured before and after each figure.\n")
	r.products(&b)
	r.steps(&b)
	b.WriteString("\n## Besides\n\n")
	r.Whole.write(&b)
	b.WriteString(notes)
	return b.String()
}

// notes are what the figures leave out.
const notes = `- Memory: the plan counts every byte that a program allocates; a test holds all that it ever allocates, steps included, to
  within 5 % of the plan.
- bf16: products of numbers rounded to bfloat16, their sums float32, which ` + "`mlp`" + ` trains with on AMD processors with
  ` + "`avx512_bf16`" + ` (rule ` + "`mlp.precision.quick`" + `; level in error by its ablation). Rounding and packing count; peak and floor are those of
  float32. PyTorch may use ` + "`torch.autocast`" + ` to bfloat16 there, and its best variant counts.
- Where the processor lacks AVX-512, its kernels are tested instruction by instruction on an emulated machine; their speed is
  known only from runs on a processor that has them.
`

func (r Report) products(b *strings.Builder) {
	b.WriteString("\n## Matrix products, GFLOP/s\n\nTwo threads compute a product each, at the same time.\n\n")
	b.WriteString("| product | instruction set | 1 thread | of peak | 2 threads | of peak | 2 / 1 |\n|---|---|---|---|---|---|---|\n")
	for i := 0; i+1 < len(r.Products); i += 2 {
		one, two := r.Products[i], r.Products[i+1]
		fmt.Fprintf(b, "| %s %d×%d×%d | %s | %.1f | %.1f %% | %.1f | %.1f %% | %.2f |\n",
			one.Form, one.M, one.N, one.K, one.ISA, one.GFLOPS, 100*one.Share(), two.GFLOPS, 100*two.Share(), two.GFLOPS/one.GFLOPS)
	}
}

func (r Report) steps(b *strings.Builder) {
	b.WriteString("\n## Training steps, rows a second\n\nThe floor is the time that the products alone would take at the peak; those of plain\n")
	b.WriteString("convolutions, of which Winograd's algorithm leaves a quarter where channels are many: their share may pass 100 %.")
	if r.PyTorch != "" {
		fmt.Fprintf(b, " PyTorch is %s; its best variant counts.", r.PyTorch)
	}
	b.WriteString("\n\n| net | batch | threads | tuned | of the floor's speed | allocations a step | PyTorch | its variant | tuned / PyTorch |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, n := range r.Nets {
		fmt.Fprintf(b, "| %s | %d | %d | %s | %.1f %% | %.0f | ", n.Name, n.Batch, n.Threads, figure(n.Rows), 100*n.Share(), n.Allocs)
		if n.Torch == nil {
			b.WriteString("- | - | - |\n")
			continue
		}
		fmt.Fprintf(b, "%s | %s | %.2f |\n", figure(n.Torch.Rows), n.Torch.Variant, n.Times())
	}
}

// write says what a whole run used, if one was run.
func (w *Whole) write(b *strings.Builder) {
	if w == nil {
		return
	}
	fmt.Fprintf(b, "- A whole small run: `tuned run %s` used %.2f s of processor time, all of its processes together, and its\n", w.Job, w.CPU)
	fmt.Fprintf(b, "  `ledger.json` counts %.2f s of them, %.0f %%, for training, evaluation and probes; reading was %.2f s, the rest starts\n", w.Counted, 100*w.Share(), w.Read)
	b.WriteString("  programs and writes the report. Where the time goes within:\n")
	b.WriteString("  `go test -run - -bench Digits -benchtime 1x -cpuprofile cpu.out ./bench/engine`, then `go tool pprof -top -cum cpu.out`.\n")
}

// figure is a number of rows with about three digits.
func figure(x float64) string {
	switch {
	case x >= 10_000:
		return fmt.Sprintf("%.1fk", x/1000)
	case x >= 1000:
		return fmt.Sprintf("%.2fk", x/1000)
	default:
		return fmt.Sprintf("%.1f", x)
	}
}
